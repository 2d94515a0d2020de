// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.reference;

import dev.mooring.tck.Rule;

/**
 * What may be deliberately wrong with {@link ReferenceBackend}, and which rule the kit must find broken. What was found in a
 * released project names it; the others come from kits for other storages, or are findings of our own.
 */
public enum Bug {
    NONE(Rule.MODEL_1),

    /** A backend that keeps a counter of its own. */
    EMPTY_DIRECTORY_LOADS_SEQUENCE_ONE(Rule.LIFE_1),
    SECOND_CLOSE_THROWS(Rule.LIFE_2),
    /** IGNITE-16890: a handle is used after close. */
    CLOSE_DOES_NOT_WAIT_FOR_READS(Rule.LIFE_3),
    LEAVES_A_THREAD_BEHIND(Rule.LIFE_3),
    LEAVES_A_FILE_OPEN(Rule.LIFE_3),
    /** What is called a cleaner is not always the JVM's. */
    LEAVES_A_CLEANER_BEHIND(Rule.LIFE_3),
    LEAVES_A_THREAD_OF_ITS_RELEASES_BEHIND(Rule.LIFE_3),
    LEAVES_A_THREAD_BEHIND_WHEN_OPENING_FAILS(Rule.LIFE_3),
    /** It is closed when it is collected, at some time. */
    LEAVES_A_CHANNEL_TO_THE_COLLECTOR(Rule.LIFE_3),

    /** zeebe fbeef235: what lies behind the new last entry comes back. */
    KEEPS_THE_OLD_TAIL(Rule.LOG_3),
    TRUNCATES_ONE_TOO_MANY(Rule.LOG_3),
    /** MicroRaft: {@code onDuplicateKeyIgnore}, so the old entry wins. */
    IGNORES_AN_INDEX_THAT_EXISTS(Rule.LOG_3),
    /** jgroups-raft #9, zeebe #12839: the truncation reaches the disk with the next append only. */
    TRUNCATION_ALONE_IS_NOT_WRITTEN(Rule.LOG_8),
    TERM_IS_AN_INT(Rule.LOG_6),
    LENGTH_IS_A_SHORT(Rule.LOG_4),
    LENGTH_HAS_THREE_BYTES(Rule.LOG_4),
    NUMBER_OF_ENTRIES_IS_A_SHORT(Rule.LOG_1),
    EMPTY_PAYLOAD_IS_SKIPPED(Rule.LOG_4),
    CHECKSUM_IS_NOT_STORED(Rule.LOG_1),
    /** jgroups-raft #188: part of an entry is not written, and lost at reload. */
    TERM_OF_LAST_ENTRY_IS_LOST_AT_RELOAD(Rule.LOG_2),
    DROP_DOES_NOT_STORE_ITS_SEQUENCE(Rule.LOG_7),
    /** What the engine below takes at once has a limit, so that a save of many groups becomes several. */
    SPLITS_A_SAVE_OF_MANY_GROUPS(Rule.LOG_7),

    /** The same file is read by a process of another default charset. */
    VOTE_IS_IN_THE_DEFAULT_CHARSET(Rule.LIFE_2),
    /** A directory that is moved, or mounted elsewhere, is looked for where it was. */
    REMEMBERS_A_WHOLE_PATH(Rule.LIFE_2),

    READS_FROM_THE_FRONT(Rule.READ_1),
    READS_ONE_TOO_MANY(Rule.READ_1),
    IGNORES_THE_VISITORS_ANSWER(Rule.READ_1),
    KEEPS_ITS_LOCK_WHEN_A_VISITOR_THROWS(Rule.READ_2),
    /** The thread that saves forgets what it has read before, the others go on with it. */
    EACH_THREAD_REMEMBERS_WHAT_IT_READ(Rule.READ_2),
    /** An interrupted thread closes a FileChannel under everybody. */
    READS_THROUGH_A_FILE_CHANNEL(Rule.READ_3),
    /** RATIS-2114, RATIS-2144: the caller's buffer is kept by reference. */
    KEEPS_THE_CALLERS_BUFFER(Rule.READ_4),
    SHARES_ITS_READ_BUFFER(Rule.READ_4),

    /** sofa-jraft #96: the hard state is written at close. */
    HARD_STATE_IS_WRITTEN_AT_CLOSE(Rule.STATE_1),
    HARD_STATE_IS_LOST_WITH_ITS_FILE(Rule.STATE_1),
    NULL_VOTE_KEEPS_THE_OLD_ONE(Rule.STATE_1),
    NULL_VOTE_BECOMES_EMPTY(Rule.STATE_2),
    EMPTY_VOTE_BECOMES_NULL(Rule.STATE_2),
    VOTE_ENDS_AT_A_ZERO(Rule.STATE_2),
    A_DASH_IS_NO_VOTE(Rule.STATE_2),
    /** MicroRaft: a term without a vote reads back as nothing stored. */
    NULL_VOTE_HIDES_THE_GROUP(Rule.STATE_2),
    NULL_CLEARS_THE_ATTACHMENT(Rule.STATE_3),

    POINTER_IS_NOT_REPLACED(Rule.SNAP_1),
    WHO_KEEPS_THE_SNAPSHOT_IS_LOST(Rule.SNAP_1),
    /** An empty log may begin behind the last index that there is. */
    THE_LAST_FIRST_INDEX_IS_TAKEN_FOR_DAMAGE(Rule.SNAP_1),
    EMPTIED_LOG_KEEPS_ITS_FIRST_INDEX(Rule.SNAP_2),
    SNAPSHOT_FORGETS_ITS_HARD_STATE(Rule.SNAP_2),

    RELEASES_ONE_TOO_MANY(Rule.REL_1),
    /** RATIS-542: the log is not consecutive after the purge. */
    RELEASE_LEAVES_A_GAP(Rule.REL_2),
    RELEASE_IS_NOT_WRITTEN_AT_CLOSE(Rule.REL_5),
    RELEASES_BELONG_TO_A_THREAD(Rule.REL_5),

    GROUPS_IGNORE_CASE(Rule.GROUP_1),
    GROUPS_ARE_KEYED_BY_THEIR_HASH(Rule.GROUP_1),
    /** RATIS-124: only the last of a batch was awaited. */
    SAVES_THE_LAST_GROUP_ONLY(Rule.GROUP_2),
    DROPS_BY_PREFIX(Rule.GROUP_3),
    DROP_IS_NOT_WRITTEN(Rule.GROUP_3),
    /** Releases are written with the next change, behind it. */
    RELEASE_OUTLIVES_A_DROP(Rule.GROUP_3),
    DROP_DOES_NOT_WAIT_FOR_READS(Rule.GROUP_3),

    NEVER_RECLAIMS(Rule.REL_3),
    /** What is replaced or dropped without a release takes its space for ever. */
    RECLAIMS_AFTER_RELEASES_ONLY(Rule.REL_3),
    /** What has lost its name takes space until it is closed. */
    RETIRED_FILES_STAY_OPEN(Rule.REL_3),

    /** RATIS-595, jgroups-raft: a save returns while its bytes are in the process's own memory still. */
    BUFFERS_ITS_WRITES(Rule.CRASH_1),
    /** The old file makes room before the new one has its name: between the two there is none. */
    UNLINKS_BEFORE_IT_RENAMES(Rule.CRASH_1),
    RECOVERY_WRITES_IN_PLACE(Rule.CRASH_2),
    /** What a recovery that was cut off left is cleared away, and the torn tail that it had come for is forgotten. */
    TORN_TAIL_IS_KEPT_WHERE_A_RECOVERY_WAS_CUT_OFF(Rule.CRASH_2),
    /** RATIS-1332: a leftover temporary file blocks the start. */
    LEFTOVER_FILE_BLOCKS_OPENING(Rule.CRASH_3),
    /** jgroups-raft 2.0, Ratis by default. */
    TORN_TAIL_IS_FATAL(Rule.CRASH_3),
    TORN_TAIL_IS_WRITTEN_BEHIND(Rule.CRASH_3),
    /** RATIS-815, KAFKA-14104: a checksum that nobody looks at. */
    FRAMES_ARE_NOT_VERIFIED(Rule.DAMAGE_1),
    /** What was verified at opening is believed ever after. */
    A_LENGTH_IS_READ_AGAIN_AND_BELIEVED(Rule.DAMAGE_1),
    /** jgroups-raft, Zeebe: term and vote are not written together with what belongs to them. */
    HARD_STATE_IS_WRITTEN_APART(Rule.CRASH_3),
    RECOVERY_TRUSTS_THE_PAGE_CACHE(Rule.CRASH_4),
    /** IGNITE-23180, sofa-jraft #188, jgroups-raft 1.0.7. */
    NEVER_FORCES(Rule.CRASH_5),
    FORCES_EVERY_SECOND_CHANGE(Rule.CRASH_5),
    /** A write through DSYNC may be torn like any other. */
    A_SYNCED_WRITE_IS_TAKEN_TO_BE_WHOLE(Rule.CRASH_5),
    /** KAFKA-15312, sofa-jraft #227: a file of length zero after a power cut. */
    RENAMES_BEFORE_FORCE(Rule.CRASH_5),
    /** zeebe #7496: the directory is not forced. */
    RENAMES_WITHOUT_DIRECTORY_FORCE(Rule.CRASH_5),

    /** jgroups-raft RocksDBLog, RATIS-573: the error is logged, and memory goes on. */
    SWALLOWS_A_FAILED_WRITE(Rule.FAULT_1),
    /** fsyncgate; zeebe DelayedFlusher. */
    TRIES_A_FAILED_FORCE_AGAIN(Rule.FAULT_2),
    /** A read may give less than was asked for, as a network's file system does. */
    A_READ_IS_TAKEN_TO_BE_WHOLE(Rule.FAULT_1),
    /** A disk that can not read is taken for the end of the log. */
    READ_ERROR_ENDS_THE_LOG(Rule.FAULT_1),
    RECOVERY_IGNORES_A_FAILED_REWRITE(Rule.FAULT_1),
    SWALLOWS_A_FULL_DISK(Rule.FAULT_3),
    LEAVES_A_FILE_OPEN_WHEN_OPENING_FAILS(Rule.FAULT_4),
    /** {@code Files.exists} is false, too, where nobody knows: a new log is begun over the old one. */
    WHAT_CAN_NOT_BE_SEEN_IS_NOT_THERE(Rule.FAULT_4),

    /** RocksDB by default, LevelDB, BDB: damage in the middle is taken for a torn tail. */
    DAMAGE_IS_TAKEN_FOR_A_TORN_TAIL(Rule.DAMAGE_2),
    TORN_TAIL_IS_DROPPED_WITHOUT_A_WORD(Rule.DAMAGE_2),
    /** The files of one server are copied into the directory of another. */
    OPENS_THE_FILES_OF_ANOTHER_STORAGE(Rule.DAMAGE_3),
    /** A length is believed before it is compared with the file. */
    LENGTHS_ARE_BELIEVED(Rule.DAMAGE_4);

    private final Rule breaks;

    Bug(Rule breaks) {
        this.breaks = breaks;
    }

    /** The rule that the kit must find broken. */
    public Rule breaks() {
        return breaks;
    }

    boolean is(Bug other) {
        return this == other;
    }
}
