// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.ready;

import dev.mooring.ready.Component;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.TreeMap;

/** One component of the example's state machine: names and what they stand for. */
final class Registry implements Component {

    private final Map<String, String> entries = new TreeMap<>();

    void put(String name, String value) {
        entries.put(name, value);
    }

    Map<String, String> entries() {
        return Map.copyOf(entries);
    }

    @Override
    public void save(OutputStream section) throws IOException {
        DataOutputStream out = new DataOutputStream(section);
        out.writeInt(entries.size());
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeUTF(entry.getValue());
        }
        out.flush();
    }

    @Override
    public void restore(InputStream section) throws IOException {
        DataInputStream in = new DataInputStream(section);
        entries.clear();
        for (int left = in.readInt(); left > 0; left--) {
            String name = in.readUTF();
            entries.put(name, in.readUTF());
        }
    }
}
