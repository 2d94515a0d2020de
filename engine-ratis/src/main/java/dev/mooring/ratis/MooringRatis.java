// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.StorageConfig;
import dev.mooring.StorageObserver;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Function;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.statemachine.StateMachine;

/**
 * Puts the log, the term and the vote of Apache Ratis divisions into Mooring.
 *
 * <pre>{@code
 * StorageConfig config = StorageConfig.load(path);   // names the backend; its directory is replaced by the division's
 * RaftServer server = RaftServer.newBuilder(). ... .build();
 * MooringRatis.installAll(server, config);           // between build() and start()
 * server.start();
 * MooringRatis.verify(server);
 * }</pre>
 *
 * <p>Each division has a storage of its own, in {@value #DIRECTORY} within its {@code current} directory, so that Ratis'
 * own ways to format, lock and remove a division cover it. It is opened while the division starts. If it fails later, the
 * division closes and says why in the log; the server and its other divisions go on.
 *
 * <p>For metrics and alarms each way to install takes a {@link StorageObserver} as well. Each division has its own storage,
 * so what an observer is told of is one group's: where several groups are given their log at once, a function makes the
 * observer of each. What an observer throws is logged once and otherwise ignored; that the division closes when its storage
 * fails does not depend on it.
 *
 * <p>Safe for use by any thread.
 */
public final class MooringRatis {

    /** Name of a division's storage directory within its {@code current} directory. */
    public static final String DIRECTORY = "mooring";

    private MooringRatis() {}

    /**
     * Gives every group that the server knows of a log in Mooring: those it was built with, and those found on disk. Call
     * it between {@code build()} and {@code start()}.
     *
     * @param built a server that was not started
     * @param config backend and options; {@code mooring.directory} is replaced
     * @throws StorageException.Refused if this release of Ratis is not one that Mooring can run in
     * @throws IllegalStateException if a division has already opened a log of Ratis' own
     */
    public static void installAll(RaftServer built, StorageConfig config) throws IOException {
        installAll(built, config, groupId -> StorageObserver.NONE);
    }

    /**
     * As {@link #installAll(RaftServer, StorageConfig)}, telling an observer for each group what happens.
     *
     * @param built a server that was not started
     * @param config backend and options; {@code mooring.directory} is replaced
     * @param observers gives the observer of a group, never null; asked once for each group, unless that has its log
     *     already. What it throws is thrown on
     * @throws StorageException.Refused as {@link #installAll(RaftServer, StorageConfig)}
     * @throws IllegalStateException as {@link #installAll(RaftServer, StorageConfig)}
     */
    public static void installAll(
            RaftServer built, StorageConfig config, Function<RaftGroupId, StorageObserver> observers)
            throws IOException {
        for (RaftGroupId groupId : built.getGroupIds()) {
            installWith(observers, built, groupId, config);
        }
    }

    /**
     * Gives one group a log in Mooring. For a group that is added to a running server, make this the first line of its
     * {@link StateMachine#initialize}; Ratis opens the log right after that. Does nothing if it is done already.
     *
     * @throws StorageException.Refused if this release of Ratis is not one that Mooring can run in
     * @throws IllegalStateException if the division has already opened a log of Ratis' own
     */
    public static void install(RaftServer server, RaftGroupId groupId, StorageConfig config) throws IOException {
        install(server, groupId, config, StorageObserver.NONE);
    }

    /**
     * As {@link #install(RaftServer, RaftGroupId, StorageConfig)}, telling an observer what happens. Does nothing if the
     * group has its log already: the observer is not told of anything then.
     *
     * @param observer is told of recovery when the log is opened, and of all that follows in this group
     * @throws StorageException.Refused as {@link #install(RaftServer, RaftGroupId, StorageConfig)}
     * @throws IllegalStateException as {@link #install(RaftServer, RaftGroupId, StorageConfig)}
     */
    public static void install(RaftServer server, RaftGroupId groupId, StorageConfig config, StorageObserver observer)
            throws IOException {
        installWith(id -> observer, server, groupId, config);
    }

    static void installWith(
            Function<RaftGroupId, StorageObserver> observers,
            RaftServer server,
            RaftGroupId groupId,
            StorageConfig config)
            throws IOException {
        RaftServer.Division division = server.getDivision(groupId);
        DivisionAccess access = new DivisionAccess(division);
        if (access.installedLog() instanceof MooringRaftLog) {
            return;
        }
        StorageObserver observer = Objects.requireNonNull(
                observers.apply(groupId),
                () -> "No observer was given for group " + groupId
                        + ". Give StorageObserver.NONE where nothing is to be observed");
        if (!access.installLog(new MooringRaftLog(division, access, server.getProperties(), config, observer))
                && !(access.installedLog() instanceof MooringRaftLog)) {
            throw new IllegalStateException("Division " + division.getMemberId()
                    + " has already opened a log of Ratis' own. Install Mooring between build() and start(), or as the"
                    + " first line of StateMachine.initialize");
        }
    }

    /**
     * Gives every group of a server a log in Mooring, also those that are added while it runs, where
     * {@link StateMachine#initialize} can not be changed. {@code Division.getStateMachine()} then returns a proxy with all
     * interfaces of the state machine, which can not be cast to its class; where that matters use {@link #install}.
     *
     * @param registry makes the state machines
     * @return what to give to {@code RaftServer.Builder.setStateMachineRegistry}
     */
    public static StateMachine.Registry wrap(StateMachine.Registry registry, StorageConfig config) {
        return wrap(registry, config, groupId -> StorageObserver.NONE);
    }

    /**
     * As {@link #wrap(StateMachine.Registry, StorageConfig)}, telling an observer for each group what happens.
     *
     * @param registry makes the state machines
     * @param observers gives the observer of a group, never null; asked when the group is started, and again if it is
     *     removed and added anew. What it throws, the start of the group throws
     * @return what to give to {@code RaftServer.Builder.setStateMachineRegistry}
     */
    public static StateMachine.Registry wrap(
            StateMachine.Registry registry, StorageConfig config, Function<RaftGroupId, StorageObserver> observers) {
        return groupId -> StateMachineProxy.of(registry.apply(groupId), config, observers);
    }

    /**
     * Makes sure that every division of a started server runs on Mooring.
     *
     * @throws IllegalStateException if one runs on another log, naming it
     */
    public static void verify(RaftServer server) throws IOException {
        for (RaftGroupId groupId : server.getGroupIds()) {
            RaftLog log = server.getDivision(groupId).getRaftLog();
            if (!(log instanceof MooringRaftLog)) {
                throw new IllegalStateException("Division "
                        + server.getDivision(groupId).getMemberId() + " runs on "
                        + log.getClass().getName()
                        + ", not on Mooring: it was added without MooringRatis.install or MooringRatis.wrap. Stop it"
                        + " before it acknowledges anything");
            }
        }
    }
}
