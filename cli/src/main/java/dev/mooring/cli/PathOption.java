// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a path. An empty one, as an unset variable of a script leaves, would be the current directory. */
final class PathOption implements ITypeConverter<Path> {

    @Override
    public Path convert(String value) {
        if (value.isEmpty()) {
            throw new TypeConversionException("the path is empty");
        }
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new TypeConversionException("'" + value + "' is no path: " + e.getReason()
                    + ". Write it otherwise, or run it in a UTF-8 locale");
        }
    }
}
