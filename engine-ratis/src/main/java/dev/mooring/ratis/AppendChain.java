// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import java.lang.reflect.InvocationTargetException;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;

/**
 * Whether a follower chains its leader's requests, each behind the one before: then one that throws is the last that is ever
 * appended. Ratis does so from 3.2.2 on, unless {@code raft.server.log.append-entries.compose.enabled} is false; before, the leader's next
 * attempt is taken as any other.
 */
final class AppendChain {

    private AppendChain() {}

    static boolean isUsed(RaftProperties properties) {
        try {
            return (boolean) RaftServerConfigKeys.Log.class
                    .getMethod("appendEntriesComposeEnabled", RaftProperties.class)
                    .invoke(null, properties);
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return false;
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(e.getCause());
        }
    }
}
