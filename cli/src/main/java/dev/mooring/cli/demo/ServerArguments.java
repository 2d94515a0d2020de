// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server process is told at its start.
 *
 * @param id which of the members it is
 * @param directory its own directory
 * @param backend name of the storage backend
 * @param members all servers
 */
record ServerArguments(String id, Path directory, String backend, Members members) {

    private static final int BEFORE_PORTS = 3;

    List<String> encode() {
        List<String> arguments = new ArrayList<>(List.of(id, directory.toString(), backend));
        members.ports().forEach(port -> arguments.add(String.valueOf(port)));
        return arguments;
    }

    static ServerArguments decode(List<String> arguments) {
        List<Integer> ports = arguments.subList(BEFORE_PORTS, arguments.size()).stream()
                .map(Integer::valueOf)
                .toList();
        return new ServerArguments(arguments.get(0), Path.of(arguments.get(1)), arguments.get(2), new Members(ports));
    }
}
