// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * One way of losing power.
 *
 * @param position power fails just before the event of this number
 * @param choice what survives of the pending changes, in hexadecimal, two digits each: a bit for each 512-byte sector of
 *     a page, else 00 or 01
 * @param acked the last call acknowledged by then
 * @param started the last call begun by then
 */
public record CrashState(int position, String choice, int acked, int started) {

    private static final HexFormat HEX = HexFormat.of();

    static CrashState of(Replay replay, int[] kept) {
        byte[] bytes = new byte[kept.length];
        for (int i = 0; i < kept.length; i++) {
            bytes[i] = (byte) kept[i];
        }
        return new CrashState(replay.position(), HEX.formatHex(bytes), replay.acked(), replay.started());
    }

    int[] kept() {
        byte[] bytes = HEX.parseHex(choice);
        int[] kept = new int[bytes.length];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = bytes[i] & 0xFF;
        }
        return kept;
    }

    /** What was lost, one line for each pending change of which not everything survives. */
    List<String> lost(Recording recording) {
        Replay replay = new Replay(recording);
        replay.advance(position);
        List<String> lines = new ArrayList<>();
        int[] kept = kept();
        for (int i = 0; i < kept.length; i++) {
            Change change = replay.pending().get(i);
            if (kept[i] != change.parts()) {
                lines.add(line(change, kept[i]));
            }
        }
        return lines;
    }

    private static String line(Change change, int kept) {
        String text = change.event() + " " + change;
        if (!(change instanceof Change.OfPage page) || kept == 0) {
            return text;
        }
        StringBuilder sectors = new StringBuilder(text).append(", lost the sectors at");
        for (int sector = 0; sector < Page.SECTORS; sector++) {
            if (((page.parts() & ~kept) & 1 << sector) != 0) {
                sectors.append(' ').append((long) page.page * Page.BYTES + (long) sector * Page.SECTOR_BYTES);
            }
        }
        return sectors.toString();
    }
}
