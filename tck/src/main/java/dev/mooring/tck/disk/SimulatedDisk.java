// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk in memory, mounted, that records what is done to it. Everything that works with {@code java.nio.file} runs on
 * it, through {@link #root()}. It can fail on demand, lose power, and be damaged at rest.
 *
 * <p>Safe for use by any thread. Deterministic: the same calls in the same order on a disk of the same seed leave the same
 * log.
 */
public final class SimulatedDisk {

    private final DiskImage mounted; // what is durable at the beginning of the log
    private final DiskModel model;
    private final long seed;
    private final int inherited; // events of the log from before this mount
    private final Volume volume;
    private final SimulatedFileSystem fileSystem;

    private SimulatedDisk(DiskImage mounted, DiskImage visible, List<DiskEvent> log, DiskModel model, long seed) {
        this.mounted = mounted;
        this.model = model;
        this.seed = seed;
        this.inherited = log.size();
        this.volume = new Volume(visible, log, seed);
        this.fileSystem = new SimulatedFileSystem(volume);
    }

    /**
     * An empty disk.
     *
     * @param seed of what this disk chooses at random
     * @param model what a power cut may do
     * @return an empty disk
     */
    public static SimulatedDisk create(long seed, DiskModel model) {
        return mount(DiskImage.EMPTY, seed, model);
    }

    /**
     * A disk with these contents, all of them durable.
     *
     * @param image what the disk holds at first
     * @param seed of what this disk chooses at random
     * @param model what a power cut may do
     * @return a disk with these contents, all of them durable
     */
    public static SimulatedDisk mount(DiskImage image, long seed, DiskModel model) {
        return new SimulatedDisk(image, image, new ArrayList<>(), model, seed);
    }

    /** A disk after a log, whose unforced writes are in the page cache still. */
    static SimulatedDisk resume(DiskImage mounted, DiskImage visible, List<DiskEvent> log, DiskModel model, long seed) {
        return new SimulatedDisk(mounted, visible, new ArrayList<>(log), model, seed);
    }

    /** {@return the root directory, {@code /}} */
    public Path root() {
        return fileSystem.root();
    }

    /** {@return what a power cut may do to it} */
    public DiskModel model() {
        return model;
    }

    /** {@return what was given at creation} */
    public long seed() {
        return seed;
    }

    // ---- recording

    /**
     * Notes that the program under test begins call number {@code call}.
     *
     * @param call number of the call, from 1
     */
    public void started(int call) {
        volume.log(new DiskEvent.Started(call));
    }

    /**
     * Notes that call number {@code call}, and so every earlier one, was acknowledged and has to survive from here on.
     *
     * @param call number of the call, from 1
     */
    public void acknowledged(int call) {
        volume.log(new DiskEvent.Acknowledged(call));
    }

    /**
     * Writes a line of text into the log.
     *
     * @param text shown with the states around it
     */
    public void mark(String text) {
        volume.log(new DiskEvent.Marked(text));
    }

    /** {@return what was done so far, for a crash explorer} */
    public Recording recording() {
        return new Recording(mounted, volume.events(), inherited, model, seed);
    }

    /** {@return what a process sees now, forced or not} */
    public DiskImage image() {
        return volume.image();
    }

    /**
     * The process that uses the disk dies: every channel is closed and every lock released, without a word to the
     * program. What it wrote stays visible, and what it did not force stays at risk.
     */
    public void kill() {
        volume.kill();
        mark("process killed");
    }

    // ---- faults and limits

    /**
     * Arms a fault. Several may be armed; each counts its own calls.
     *
     * @param fault is counted from now on
     */
    public void inject(Fault fault) {
        volume.inject(fault);
    }

    /** Disarms all faults and lifts all limits. */
    public void heal() {
        volume.clearFaults();
    }

    /**
     * Limits the space of all files together, rounded up to pages of 4,096 bytes each; writes beyond it stop short.
     *
     * @param bytes of all files together
     */
    public void limitBytes(long bytes) {
        volume.capacity(bytes);
    }

    /**
     * Limits the files, directories and directory streams that are open at the same time.
     *
     * @param count open at the same time
     */
    public void limitOpenFiles(int count) {
        volume.maxHandles(count);
    }

    /** Makes every change fail, as on a file system that is mounted read-only. */
    public void readOnly() {
        volume.readOnly();
    }

    /**
     * {@return how many calls of this kind there were since it was mounted, failed ones included}
     *
     * @param operation which kind of call
     */
    public int calls(Operation operation) {
        return volume.calls(operation);
    }

    /**
     * The medium changes under whoever has it mounted: other bytes in a file, as far as the file goes. Whoever reads sees them
     * at once. The recording knows nothing of it.
     *
     * @param path of a file
     * @param position in the file, from 0, in bytes
     * @param bytes what is there from now on
     * @throws NoSuchFileException if there is no such file now
     */
    public void damage(String path, long position, byte[] bytes) throws NoSuchFileException {
        if (!volume.damage((SimulatedPath) root().resolve(path), position, bytes)) {
            throw new NoSuchFileException(path);
        }
    }

    // ---- accounting

    /** {@return paths of what is open now, one for each channel and directory stream} */
    public List<String> openFiles() {
        return volume.openPaths();
    }

    /** {@return space that files take, in bytes, removed ones that are still open included} */
    public long usedBytes() {
        return volume.usedBytes();
    }

    /** {@return bytes written since it was mounted} */
    public long bytesWritten() {
        return volume.bytesWritten();
    }
}
