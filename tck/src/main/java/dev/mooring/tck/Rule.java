// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static dev.mooring.tck.Claim.CHECKSUMMED_STRUCTURES;
import static dev.mooring.tck.Claim.NONE;
import static dev.mooring.tck.Claim.POWER_LOSS;
import static dev.mooring.tck.Claim.PROCESS_CRASH;
import static dev.mooring.tck.Rule.Level.BACKEND;
import static dev.mooring.tck.Rule.Level.CORE;

import java.util.Arrays;
import java.util.Optional;

/**
 * The contract, rule by rule: the one source of {@code RULES.md} and of what a violation cites. A number is never used
 * again for something else; a withdrawn rule keeps its own.
 */
public enum Rule {
    /** Provider, rule 1; {@link #text()} says what it demands. */
    PROV_1(
            BACKEND,
            NONE,
            "The name of a provider MUST match [a-z][a-z0-9-]* and MUST be the same for every instance.",
            "StorageProvider.name"),

    /** Provider, rule 2; {@link #text()} says what it demands. */
    PROV_2(
            BACKEND,
            NONE,
            "Creating a provider and asking for its name, options and guarantees MUST NOT touch a disk, start a thread or"
                    + " load native code.",
            "StorageProvider; java.util.ServiceLoader creates every provider on the class path, also those nobody chose"),

    /** Provider, rule 3; {@link #text()} says what it demands. */
    PROV_3(
            CORE,
            NONE,
            "An unknown option MUST be refused by name before anything is opened.",
            "a misspelt durability option that is ignored loses data (IGNITE-22960)"),

    /** Provider, rule 4; {@link #text()} says what it demands. */
    PROV_4(
            BACKEND,
            NONE,
            "The provider MUST be found by java.util.ServiceLoader under its name, with a public constructor or provider"
                    + " method without arguments.",
            "java.util.ServiceLoader"),

    /** Life, rule 1; {@link #text()} says what it demands. */
    LIFE_1(BACKEND, NONE, "An empty directory MUST load no groups and sequence 0.", "StorageBackend.load"),

    /** Life, rule 2; {@link #text()} says what it demands. */
    LIFE_2(
            BACKEND,
            NONE,
            "close MUST be callable twice, and the directory MUST open again afterwards, in this and in another process.",
            "StorageBackend.close; jgroups-raft LogTest (close and init again)"),

    /** Life, rule 3; {@link #text()} says what it demands. */
    LIFE_3(
            BACKEND,
            NONE,
            "close MUST wait for a running read and MUST leave no thread, no mapping and no file handle behind.",
            "StorageBackend.close; IGNITE-16890 (native handle used after close)"),

    /** Life, rule 4; {@link #text()} says what it demands. */
    LIFE_4(
            CORE,
            NONE,
            "A second open of the same directory MUST fail at once, say who holds it and harm nothing; after SIGKILL of the"
                    + " holder it MUST succeed.",
            "KAFKA-14557 (no lock); zeebe #10683 (a lock file that outlives its holder)"),

    /** Log, rule 1; {@link #text()} says what it demands. */
    LOG_1(
            BACKEND,
            NONE,
            "What is saved MUST be read back with the same index, term, checksum and payload.",
            "Raft, figure 2 (log[]); StorageBackend.saveEntries"),

    /** Log, rule 2; {@link #text()} says what it demands. */
    LOG_2(
            BACKEND,
            PROCESS_CRASH,
            "What is saved MUST survive close and reopen.",
            "Raft, figure 2: persistent state on all servers"),

    /** Log, rule 3; {@link #text()} says what it demands. */
    LOG_3(
            BACKEND,
            NONE,
            "A save with truncateFrom = i MUST delete entry i and everything after it, also what lies beyond the new last"
                    + " entry; a deleted entry MUST NOT come back, not after a crash either.",
            "Raft §5.3: delete the existing entry and all that follow it; etcd raft doc.go"),

    /** Log, rule 4; {@link #text()} says what it demands. */
    LOG_4(
            BACKEND,
            NONE,
            "Payloads from 0 bytes up to the limit MUST be stored; a larger one MUST be refused before anything is"
                    + " written.",
            "StorageBackend.saveEntries; the core refuses what is above max-payload-bytes"),

    /** Log, rule 5; {@link #text()} says what it demands. */
    LOG_5(
            BACKEND,
            NONE,
            "The log of a group MUST be able to start at any index.",
            "Raft §7: a log begins after its snapshot"),

    /** Log, rule 6; {@link #text()} says what it demands. */
    LOG_6(BACKEND, NONE, "Indexes and terms MUST keep 63 bits.", "Entry; Raft, figure 2"),

    /** Log, rule 7; {@link #text()} says what it demands. */
    LOG_7(
            BACKEND,
            PROCESS_CRASH,
            "A save MUST be atomic as a whole, with all its groups and its sequence.",
            "StorageBackend.saveEntries"),

    /** Log, rule 8; {@link #text()} says what it demands. */
    LOG_8(
            BACKEND,
            PROCESS_CRASH,
            "A truncation without new entries MUST be durable when the save returns.",
            "Raft §5.3; jgroups-raft #9 and zeebe #12839 (the truncated suffix came back)"),

    /** Log, rule 9; {@link #text()} says what it demands. */
    LOG_9(
            CORE,
            NONE,
            "Entries MUST be consecutive and begin at most one above the last; a new group MUST begin at 0 or 1, after a"
                    + " snapshot at i at i + 1; anything else MUST be refused.",
            "Raft §5.3, log matching property; RATIS-1887 (a gap)"),

    /** Log, rule 10; {@link #text()} says what it demands. */
    LOG_10(
            CORE,
            NONE,
            "Terms MUST NOT fall along the log, the snapshot's included; an entry that does MUST be refused.",
            "Raft §5.3, log matching property; Raft §5.4.1"),

    /** Read, rule 1; {@link #text()} says what it demands. */
    READ_1(BACKEND, NONE, "read MUST visit exactly first..last, in order, and stop when told.", "StorageBackend.read"),

    /** Read, rule 2; {@link #text()} says what it demands. */
    READ_2(
            BACKEND,
            NONE,
            "Reads and saves MUST NOT disturb each other, and a truncation or purge under a running read MUST NOT give"
                    + " wrong bytes.",
            "StorageBackend.read; zeebe #6471 (readers returned truncated entries)"),

    /** Read, rule 3; {@link #text()} says what it demands. */
    READ_3(
            BACKEND,
            NONE,
            "An interrupt of a reading or saving thread MUST NOT break anything later.",
            "java.nio.channels.InterruptibleChannel: an interrupted thread closes a FileChannel under everybody"),

    /** Read, rule 4; {@link #text()} says what it demands. */
    READ_4(
            BACKEND,
            NONE,
            "What a caller gave or got MUST be unaffected by later calls, and buffers given MUST NOT be used after the"
                    + " verb returned.",
            "StorageBackend, Buffers; RATIS-2114 and RATIS-2144 (a buffer used after its release)"),

    /** State, rule 1; {@link #text()} says what it demands. */
    STATE_1(
            BACKEND,
            PROCESS_CRASH,
            "The hard state MUST be replaced as a whole and survive.",
            "Raft, figure 2: updated on stable storage before responding to RPCs"),

    /** State, rule 2; {@link #text()} says what it demands. */
    STATE_2(
            BACKEND,
            PROCESS_CRASH,
            "A votedFor of null MUST stay null and an empty string MUST stay empty, whatever the term.",
            "Raft, figure 2: votedFor, null if none; MicroRaft (a null vote made load return nothing)"),

    /** State, rule 3; {@link #text()} says what it demands. */
    STATE_3(
            BACKEND,
            PROCESS_CRASH,
            "A null hard state or attachment in an update MUST leave the stored one alone.",
            "Update"),

    /** State, rule 4; {@link #text()} says what it demands. */
    STATE_4(
            CORE,
            NONE,
            "The current term MUST NOT go back, and within a term a cast vote MUST be neither changed nor cleared; saving"
                    + " what is durable already MUST be accepted and MUST cost no sync.",
            "Raft §5.2: at most one vote in a term"),

    /** State, rule 5; {@link #text()} says what it demands. */
    STATE_5(
            CORE,
            NONE,
            "No save or truncation MUST touch an entry at or below the larger of commit index and snapshot index, not even"
                    + " to write an equal one; a snapshot at or below the commit index whose term differs from the entry held"
                    + " there MUST be refused.",
            "Raft §5.4, leader completeness; KAFKA-12460 (truncation of the committed part)"),

    /** State, rule 6; {@link #text()} says what it demands. */
    STATE_6(
            CORE,
            NONE,
            "An entry or snapshot with a term above the current term MUST be refused unless the same save raises it.",
            "Raft §5.1: a server's current term is at least that of any entry it holds"),

    /** State, rule 7; {@link #text()} says what it demands. */
    STATE_7(
            CORE,
            NONE,
            "The commit index MUST NOT go back and MUST NOT point above the last entry; a lower one MUST be ignored, and a"
                    + " snapshot MUST raise it.",
            "Raft, figure 2: commitIndex increases monotonically"),

    /** Snapshot, rule 1; {@link #text()} says what it demands. */
    SNAP_1(BACKEND, PROCESS_CRASH, "The snapshot pointer MUST be replaced and survive.", "StorageBackend.saveSnapshot"),

    /** Snapshot, rule 2; {@link #text()} says what it demands. */
    SNAP_2(
            BACKEND,
            PROCESS_CRASH,
            "Pointer, truncation and hard state of a saveSnapshot MUST be one atomic change, and if it leaves the log"
                    + " empty, firstIndex MUST be the pointer's index + 1.",
            "StorageBackend.saveSnapshot; Raft §7"),

    /** Snapshot, rule 3; {@link #text()} says what it demands. */
    SNAP_3(
            CORE,
            NONE,
            "If the log holds the snapshot's last entry with the same term, the entries after it MUST be kept; else the"
                    + " whole log MUST be discarded.",
            "Raft §7, figure 13, steps 6 and 7"),

    /** Snapshot, rule 4; {@link #text()} says what it demands. */
    SNAP_4(
            CORE,
            NONE,
            "An older snapshot MUST NOT replace a newer one; one of equal index and term MUST.",
            "zeebe #15272; hashicorp/raft#395"),

    /** Snapshot, rule 5; {@link #text()} says what it demands. */
    SNAP_5(
            CORE,
            NONE,
            "A snapshot whose source fails MUST leave no trace.",
            "zeebe #6017 and RATIS-2430 (half a snapshot counted as one)"),

    /** Snapshot, rule 6; {@link #text()} says what it demands. */
    SNAP_6(
            CORE,
            PROCESS_CRASH,
            "Damage of a snapshot MUST be found at load, in every byte.",
            "zeebe 3ae70b80a24; KAFKA-15312 (a snapshot of length zero)"),

    /** Snapshot, rule 7; {@link #text()} says what it demands. */
    SNAP_7(
            CORE,
            NONE,
            "recordSnapshot(i, t) MUST keep (i, t) as a snapshot that covers everything up to i and MUST NOT check, open or"
                    + " delete the engine's files; if the log ends before i it MUST become empty with firstIndex i + 1.",
            "RaftGroup.recordSnapshot"),

    /** Release, rule 1; {@link #text()} says what it demands. */
    REL_1(
            BACKEND,
            NONE,
            "A release up to i MUST NOT touch an entry above i, the hard state or the snapshot.",
            "StorageBackend.releaseLock; RATIS-542"),

    /** Release, rule 2; {@link #text()} says what it demands. */
    REL_2(
            BACKEND,
            PROCESS_CRASH,
            "After a release and a reopen what is left MUST be consecutive and end at the same entry.",
            "StorageBackend.releaseLock; RATIS-2186"),

    /** Release, rule 3; {@link #text()} says what it demands. */
    REL_3(
            BACKEND,
            PROCESS_CRASH,
            "Disk use MUST stay bounded when as much is released, replaced or dropped as saved.",
            "StorageBackend.releaseLock; RATIS-1025 (part was never purged)"),

    /** Release, rule 4; {@link #text()} says what it demands. */
    REL_4(
            CORE,
            NONE,
            "A release above the newest durable snapshot, saved or recorded, MUST be refused: those entries are the only"
                    + " copy.",
            "Raft §7; KAFKA-14238 (deleted past the snapshot)"),

    /** Release, rule 5; {@link #text()} says what it demands. */
    REL_5(
            BACKEND,
            PROCESS_CRASH,
            "While open and across a clean close the first index MUST NOT go back; after a crash it MAY, to a state that is"
                    + " consecutive and covered.",
            "StorageBackend.releaseLock"),

    /** Groups, rule 1; {@link #text()} says what it demands. */
    GROUP_1(
            BACKEND,
            NONE,
            "Groups MUST NOT see each other, also when one name is a prefix of another or differs in case only.",
            "StorageBackend: any number of groups in one directory"),

    /** Groups, rule 2; {@link #text()} says what it demands. */
    GROUP_2(
            BACKEND,
            NONE,
            "One saveEntries with several groups MUST apply all of them.",
            "StorageBackend.saveEntries; RATIS-124 (only the last of a batch was awaited)"),

    /** Groups, rule 3; {@link #text()} says what it demands. */
    GROUP_3(
            BACKEND,
            NONE,
            "drop MUST wait for running reads of the group, and MUST forget it for good and no other; a later group of the"
                    + " same name MUST be new.",
            "StorageBackend.drop; StorageBackend, Who calls what"),

    /** Groups, rule 4; {@link #text()} says what it demands. */
    GROUP_4(BACKEND, PROCESS_CRASH, "1,000 groups MUST open and recover.", "multi-Raft: one storage for many groups"),

    /** Crash, rule 1; {@link #text()} says what it demands. */
    CRASH_1(
            CORE,
            PROCESS_CRASH,
            "After SIGKILL at any moment the state MUST be the one after some call k with acknowledged <= k <= started.",
            "Raft, figure 2: persistent state; Pillai et al., OSDI'14"),

    /** Crash, rule 2; {@link #text()} says what it demands. */
    CRASH_2(
            CORE,
            PROCESS_CRASH,
            "The same MUST hold when the process is killed during recovery, again and again.",
            "Pillai et al., OSDI'14"),

    /** Crash, rule 3; {@link #text()} says what it demands. */
    CRASH_3(
            CORE,
            POWER_LOSS,
            "The same MUST hold after a power cut, where any write that was not forced may be lost, torn or reordered.",
            "POSIX fsync; Pillai et al., OSDI'14; sofa-jraft #188 (never synced)"),

    /** Crash, rule 4; {@link #text()} says what it demands. */
    CRASH_4(
            CORE,
            POWER_LOSS,
            "What load reported MUST survive a power cut right after it.",
            "StorageBackend.load: the page cache may show a last save that never reached the disk"),

    /** Crash, rule 5; {@link #text()} says what it demands. */
    CRASH_5(
            CORE,
            POWER_LOSS,
            "Payloads, renames and new directory entries MUST be forced before the call returns that needs them.",
            "POSIX fsync and its rationale; fsync(2): the directory entry needs an fsync of its own; zeebe #7496"),

    /** Faults, rule 1; {@link #text()} says what it demands. */
    FAULT_1(
            CORE,
            PROCESS_CRASH,
            "A failed write or sync MUST make the save throw, and what was acknowledged before MUST survive.",
            "Rebello et al., ATC'20; sofa-jraft #96 (a failed save of the vote was ignored)"),

    /** Faults, rule 2; {@link #text()} says what it demands. */
    FAULT_2(
            CORE,
            PROCESS_CRASH,
            "After the first failure every change MUST fail with the first cause until the storage is reopened, while"
                    + " getters and reads up to the durable index go on; a failed sync MUST NOT be retried.",
            "Rebello et al., ATC'20"),

    /** Faults, rule 3; {@link #text()} says what it demands. */
    FAULT_3(
            CORE,
            PROCESS_CRASH,
            "A full disk MUST lose nothing, and after space is freed and a reopen work MUST go on.",
            "write(2), ENOSPC; LMDB reports a full disk as EIO"),

    /** Faults, rule 4; {@link #text()} says what it demands. */
    FAULT_4(
            CORE,
            PROCESS_CRASH,
            "A read-only or missing directory, a permission denied and too many open files MUST give an error that says"
                    + " so.",
            "open(2), EROFS, EACCES, ENOENT, EMFILE"),

    /** Damage, rule 1; {@link #text()} says what it demands. */
    DAMAGE_1(
            CORE,
            CHECKSUMMED_STRUCTURES,
            "A changed, zeroed, misdirected, truncated or missing piece of any file MUST NOT come back as data.",
            "Alagappan et al., FAST'18; Bairavasundaram et al., FAST'08"),

    /** Damage, rule 2; {@link #text()} says what it demands. */
    DAMAGE_2(
            CORE,
            PROCESS_CRASH,
            "Acknowledged entries MUST NOT vanish silently: a torn tail that was never acknowledged is repaired and"
                    + " reported, damage before it is Corrupted and names file, offset and index range.",
            "Alagappan et al., FAST'18"),

    /** Damage, rule 3; {@link #text()} says what it demands. */
    DAMAGE_3(
            CORE,
            PROCESS_CRASH,
            "A missing or old file MUST be an error, never an empty log.",
            "camunda#14699 and KAFKA-14240 (opened although entries were missing)"),

    /** Damage, rule 4; {@link #text()} says what it demands. */
    DAMAGE_4(
            CORE,
            CHECKSUMMED_STRUCTURES,
            "Hostile contents (lengths, counts, names, cycles) MUST NOT exhaust memory, hang, or take the JVM down.",
            "StorageBackend.load: a length is checked against what is left of the file"),

    /** Damage, rule 5; {@link #text()} says what it demands. */
    DAMAGE_5(
            CORE,
            PROCESS_CRASH,
            "A newer format MUST be refused by number.",
            "KAFKA-15412 (an unknown newer format was accepted)"),

    /** Model, rule 1; {@link #text()} says what it demands. */
    MODEL_1(
            BACKEND,
            NONE,
            "Any legal sequence of calls, reopens included, MUST give the state that the reference model gives.",
            "StorageBackend; the model is dev.mooring.tck.model.Model");

    /** Which part of the house keeps a rule, and so through which interface the kit checks it. */
    public enum Level {
        /** The backend: checked on the bare {@link dev.mooring.spi.StorageBackend}, where the core can not mask a fault. */
        BACKEND,
        /** The core and the backend together: checked through {@link dev.mooring.RaftStorage}. */
        CORE
    }

    private final Level level;
    private final Claim needs;
    private final String text;
    private final String source;

    Rule(Level level, Claim needs, String text, String source) {
        this.level = level;
        this.needs = needs;
        this.text = text;
        this.source = source;
    }

    /** {@return the number as it is cited, such as {@code LOG-3}} */
    public String id() {
        return name().replace('_', '-');
    }

    /** {@return the letters of its number: rules of one family are checked by one class} */
    public String family() {
        return name().substring(0, name().indexOf('_'));
    }

    /** {@return the rule in one sentence} */
    public String text() {
        return text;
    }

    /**
     * {@return where it comes from: a section of a paper, a manual page, a signature, or the bug that it would have
     * caught}
     */
    public String source() {
        return source;
    }

    /** {@return which part of the house keeps it} */
    public Level level() {
        return level;
    }

    /** {@return what a backend must claim before the rule binds it} */
    public Claim needs() {
        return needs;
    }

    /**
     * {@return the rule of this number, written as in {@link #id()}}
     *
     * @param id such as {@code LOG-3}
     */
    public static Optional<Rule> byId(String id) {
        return Arrays.stream(values()).filter(rule -> rule.id().equals(id)).findFirst();
    }
}
