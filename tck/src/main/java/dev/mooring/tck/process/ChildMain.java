// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.process;

import java.nio.file.Path;

/** What runs in a {@link Child}: class, method and directory are its arguments. */
final class ChildMain {

    private ChildMain() {}

    public static void main(String[] arguments) throws Exception {
        var method = Class.forName(arguments[0]).getDeclaredMethod(arguments[1], Path.class);
        method.setAccessible(true);
        method.invoke(null, Path.of(arguments[2]));
        System.out.println("the child ended well");
    }
}
