// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.terminal;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Standard output that knows why it failed; a plain {@link PrintStream} knows only that it did. */
public final class StandardOutput extends PrintStream {

    private final Remembering file;

    /** Writes to this stream. */
    public StandardOutput(OutputStream file, Charset charset) {
        this(new Remembering(file), charset);
    }

    private StandardOutput(Remembering file, Charset charset) {
        super(new BufferedOutputStream(file), false, charset);
        this.file = file;
    }

    /** That of this process, in the characters that {@code System.out} uses. */
    static StandardOutput ofProcess() {
        String name = System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding"));
        Charset charset = name != null && Charset.isSupported(name) ? Charset.forName(name) : Charset.defaultCharset();
        return new StandardOutput(new FileOutputStream(FileDescriptor.out), charset);
    }

    /** Whether who read it went away, as {@code head} does when it has seen enough: nobody misses the rest. */
    public boolean readerIsGone() {
        IOException first = file.failure;
        return first != null
                && String.valueOf(first.getMessage()).toLowerCase(Locale.ROOT).contains("broken pipe");
    }

    /** Keeps the first failure. */
    private static final class Remembering extends OutputStream {

        private final OutputStream file;
        private volatile @Nullable IOException failure;

        Remembering(OutputStream file) {
            this.file = file;
        }

        @Override
        public void write(int oneByte) throws IOException {
            write(new byte[] {(byte) oneByte}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                file.write(bytes, offset, length);
            } catch (IOException e) {
                failure = failure == null ? e : failure;
                throw e;
            }
        }
    }
}
