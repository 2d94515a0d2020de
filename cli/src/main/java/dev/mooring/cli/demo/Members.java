// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * The three servers of the demonstration.
 *
 * @param ports of n1, n2 and n3 on the loopback address
 */
record Members(List<Integer> ports) {

    static final List<String> IDS = List.of("n1", "n2", "n3");
    static final RaftGroupId GROUP = RaftGroupId.valueOf(UUID.fromString("6d6f6f72-696e-4700-8000-64656d6f0001"));

    Members {
        ports = List.copyOf(ports);
        if (ports.size() != IDS.size()) {
            throw new IllegalArgumentException(IDS.size() + " servers need as many ports, not " + ports);
        }
    }

    RaftGroup group() {
        List<RaftPeer> peers = new ArrayList<>();
        for (String id : IDS) {
            peers.add(RaftPeer.newBuilder()
                    .setId(peerId(id))
                    .setAddress(address(id))
                    .build());
        }
        return RaftGroup.valueOf(GROUP, peers);
    }

    int port(String id) {
        return ports.get(IDS.indexOf(id));
    }

    String address(String id) {
        return Ports.HOST + ":" + port(id);
    }

    static RaftPeerId peerId(String id) {
        return RaftPeerId.valueOf(id);
    }
}
