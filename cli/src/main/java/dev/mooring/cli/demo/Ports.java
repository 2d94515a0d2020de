// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Free ports on the loopback address.
 *
 * <p>They lie below the range from which systems take the ports of outgoing connections (32768 on Linux, 49152
 * elsewhere), so that nobody takes the port of a dead server by accident before it is back.
 */
final class Ports {

    static final String HOST = "127.0.0.1";

    private static final byte[] HOST_BYTES = {127, 0, 0, 1};
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;
    private static final int MAX_TRIES = 1_000;

    private Ports() {}

    /** So many different ports that nobody listens on at the moment. */
    static List<Integer> free(int count, Random random) {
        Set<Integer> found = new LinkedHashSet<>();
        for (int i = 0; i < MAX_TRIES && found.size() < count; i++) {
            int port = random.nextInt(FIRST, LAST + 1);
            if (isFree(port)) {
                found.add(port);
            }
        }
        if (found.size() < count) {
            throw new DemoFailure("Found no " + count + " free ports on " + HOST + " between " + FIRST + " and " + LAST
                    + ". Stop some of the programs that listen there, and check that the loopback interface is up");
        }
        return new ArrayList<>(found);
    }

    /** This port on the loopback address. */
    static InetSocketAddress address(int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByAddress(HOST_BYTES), port);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(address(port));
            return true;
        } catch (IOException e) {
            return false; // taken, which is the answer
        }
    }
}
