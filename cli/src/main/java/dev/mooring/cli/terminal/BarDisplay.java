// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.terminal;

import java.nio.charset.Charset;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress as a bar on the last line of a terminal. */
final class BarDisplay implements ProgressDisplay {

    private static final int DEFAULT_COLUMNS = 80;
    private static final int MARGIN_COLUMNS = 3; // a terminal writes ^C behind the bar, which must not wrap
    private static final int UPDATE_INTERVAL_MILLIS = 100;

    private final OntoScreen drawing;
    private final ProgressBar bar;

    BarDisplay(Screen screen, String task, String unit, long total) {
        drawing = new OntoScreen(screen);
        bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setUnit(" " + unit, 1)
                .setInitialMax(total)
                .setStyle(speaksUnicode() ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(UPDATE_INTERVAL_MILLIS)
                .hideEta()
                .setConsumer(drawing)
                .build();
    }

    @Override
    public void reached(long units) {
        bar.stepTo(units);
    }

    @Override
    public void close() {
        bar.close();
        drawing.close();
    }

    private static boolean speaksUnicode() {
        String charset = System.getProperty("stderr.encoding", System.getProperty("sun.stderr.encoding"));
        String name = charset == null ? Charset.defaultCharset().name() : charset;
        return name.toUpperCase(Locale.ROOT).startsWith("UTF");
    }

    /** The library may draw the bar once more on a thread of its own after it was closed; then it is too late. */
    private static final class OntoScreen implements ProgressBarConsumer {

        private final Screen screen;
        private boolean ended; // guarded by this

        private OntoScreen(Screen screen) {
            this.screen = screen;
        }

        @Override
        public int getMaxRenderedLength() {
            String columns = System.getenv("COLUMNS");
            boolean usable = columns != null && columns.matches("[1-9][0-9]{1,3}");
            return (usable ? Integer.parseInt(columns) : DEFAULT_COLUMNS) - MARGIN_COLUMNS;
        }

        @Override
        public synchronized void accept(String rendered) {
            if (!ended) {
                screen.drawBar(rendered);
            }
        }

        @Override
        public synchronized void close() {
            ended = true;
            screen.endBar();
        }
    }
}
