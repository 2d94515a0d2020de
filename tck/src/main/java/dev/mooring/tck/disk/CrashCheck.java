// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

/** What a program has to be after a crash. */
@FunctionalInterface
public interface CrashCheck {

    /**
     * Recovers from what a crash left. Called once for each distinct image, from any of the explorer's threads, several at
     * once.
     *
     * @param image mounted, and recording again; the check may write to it and crash it in turn
     * @return judges what was recovered, once for each position at which the image can arise
     * @throws Exception if it can not be recovered, which is a violation at any position
     */
    Judgement recover(SimulatedDisk image) throws Exception;

    /** Judges what was recovered. Called by one thread at a time or several. */
    @FunctionalInterface
    interface Judgement {

        /**
         * Returns if this is legal, else throws, saying what is wrong.
         *
         * @param acked the last call that was acknowledged before the crash, 0 if none: it has to be there
         * @param started the last call that was begun before the crash: nothing later can be there
         * @throws Exception of any kind, if the state breaks a rule
         */
        void judge(int acked, int started) throws Exception;
    }
}
