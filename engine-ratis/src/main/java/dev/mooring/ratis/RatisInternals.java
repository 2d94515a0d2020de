// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.spi.StorageException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.security.CodeSource;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.util.MemoizedSupplier;
import org.jspecify.annotations.Nullable;

/** Handles on the seven members of Ratis that a log of another make needs and that Ratis does not publish. */
final class RatisInternals {

    // Why this way. Ratis has no hook for a log: ServerState keeps it in a final MemoizedSupplier that
    // creates Ratis' own log when it is first asked. The supplier's value is a volatile field that is not
    // final, and a supplier that has a value asks nobody. So a log that is put there beforehand is the one
    // that Ratis uses. No final field is written and no class lives in Ratis' packages. Everything is
    // looked up before anything is touched: a release that renamed a member is refused by the member's
    // name, not by an error in the middle of an append.

    static final String SUPPORTED_VERSIONS = "3.1.0 to 3.3.0";

    private static final String IMPL = "org.apache.ratis.server.impl.RaftServerImpl";
    private static final String STATE = "org.apache.ratis.server.impl.ServerState";

    private static volatile @Nullable RatisInternals found;

    final Class<?> division;
    final MethodHandle getState;
    final MethodHandle notifyTruncatedLogEntry;
    final MethodHandle getTransactionContext;
    final MethodHandle submitUpdateCommitEvent;
    final MethodHandle setRaftConf;
    final VarHandle log; // only ever read: the field is final
    final VarHandle memoizedValue;

    private RatisInternals(ClassLoader loader) throws ReflectiveOperationException {
        division = Class.forName(IMPL, false, loader);
        Class<?> state = Class.forName(STATE, false, loader);
        Lookup here = MethodHandles.lookup();
        Lookup inDivision = MethodHandles.privateLookupIn(division, here);
        Lookup inState = MethodHandles.privateLookupIn(state, here);
        getState = method(inDivision, "getState", state).asType(MethodType.methodType(Object.class, Object.class));
        notifyTruncatedLogEntry = method(inDivision, "notifyTruncatedLogEntry", void.class, LogEntryProto.class)
                .asType(MethodType.methodType(void.class, Object.class, LogEntryProto.class));
        getTransactionContext = method(
                        inDivision,
                        "getTransactionContext",
                        TransactionContext.class,
                        LogEntryProto.class,
                        Boolean.class)
                .asType(MethodType.methodType(
                        TransactionContext.class, Object.class, LogEntryProto.class, Boolean.class));
        submitUpdateCommitEvent = method(inDivision, "submitUpdateCommitEvent", void.class)
                .asType(MethodType.methodType(void.class, Object.class));
        setRaftConf = method(inState, "setRaftConf", void.class, RaftConfiguration.class)
                .asType(MethodType.methodType(void.class, Object.class, RaftConfiguration.class));
        log = inState.findVarHandle(state, "log", MemoizedSupplier.class);
        memoizedValue = volatileField(here, MemoizedSupplier.class, "value");
    }

    /**
     * The handles, looked up once.
     *
     * @throws StorageException.Refused if the Ratis on the class path has not all of them
     */
    static RatisInternals find() throws StorageException.Refused {
        RatisInternals known = found;
        if (known == null) {
            try {
                known = new RatisInternals(RaftServer.class.getClassLoader());
            } catch (ReflectiveOperationException | RuntimeException e) {
                throw unsupported(e);
            }
            found = known;
        }
        return known;
    }

    /** Version of the Ratis on the class path, as its jar says; null if it does not. */
    static @Nullable String version() {
        return RaftServer.class.getPackage().getImplementationVersion();
    }

    static StorageException.Refused unsupported(Exception missing) {
        String version = version();
        CodeSource source = RaftServer.class.getProtectionDomain().getCodeSource();
        return new StorageException.Refused(
                "Mooring can not run in Apache Ratis " + (version == null ? "of unknown version" : version)
                        + (source == null ? "" : " from " + source.getLocation()) + ": it has not what a log needs, "
                        + missing.getMessage() + ". Mooring works with Ratis " + SUPPORTED_VERSIONS
                        + "; put one of these on the class path, or a newer mooring-engine-ratis",
                missing);
    }

    static MethodHandle method(Lookup lookup, String name, Class<?> result, Class<?>... parameters)
            throws ReflectiveOperationException {
        return lookup.findVirtual(lookup.lookupClass(), name, MethodType.methodType(result, parameters));
    }

    /** A field that moved to a superclass in Ratis 3.3.0, and that must not be final. */
    static VarHandle volatileField(Lookup here, Class<?> owner, String name) throws ReflectiveOperationException {
        for (Class<?> type = owner; type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    VarHandle handle = MethodHandles.privateLookupIn(type, here).unreflectVarHandle(field);
                    if (!handle.isAccessModeSupported(VarHandle.AccessMode.COMPARE_AND_SET)) {
                        throw new IllegalAccessException("the field " + type.getName() + "." + name + " is final");
                    }
                    return handle;
                }
            }
        }
        throw new NoSuchFieldException("no such field: " + owner.getName() + "." + name);
    }
}
