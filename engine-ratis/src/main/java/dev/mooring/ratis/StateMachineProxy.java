// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.StorageConfig;
import dev.mooring.StorageObserver;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.statemachine.StateMachine;
import org.jspecify.annotations.Nullable;

/** Stands before a state machine and installs the log when Ratis initialises it; passes everything on. */
final class StateMachineProxy implements InvocationHandler {

    private final StateMachine target;
    private final StorageConfig config;
    private final Function<RaftGroupId, StorageObserver> observers;

    private StateMachineProxy(
            StateMachine target, StorageConfig config, Function<RaftGroupId, StorageObserver> observers) {
        this.target = target;
        this.config = config;
        this.observers = observers;
    }

    static StateMachine of(
            StateMachine target, StorageConfig config, Function<RaftGroupId, StorageObserver> observers) {
        Set<Class<?>> interfaces = new LinkedHashSet<>();
        for (Class<?> type = target.getClass(); type != null; type = type.getSuperclass()) {
            addPublicInterfaces(type, interfaces);
        }
        return (StateMachine) Proxy.newProxyInstance(
                target.getClass().getClassLoader(),
                interfaces.toArray(new Class<?>[0]),
                new StateMachineProxy(target, config, observers));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getName().equals("initialize")
                && arguments != null
                && arguments.length == 3
                && arguments[0] instanceof RaftServer server
                && arguments[1] instanceof RaftGroupId groupId) {
            MooringRatis.installWith(observers, server, groupId, config);
        }
        if (method.getName().equals("equals") && arguments != null && arguments.length == 1) {
            return proxy == arguments[0];
        }
        try {
            Object result = method.invoke(target, arguments);
            // data() and event() return the state machine itself where it implements them
            return result == target && method.getReturnType().isInterface() ? proxy : result;
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static void addPublicInterfaces(Class<?> type, Set<Class<?>> found) {
        for (Class<?> extended : type.getInterfaces()) {
            if (Modifier.isPublic(extended.getModifiers())) {
                found.add(extended);
            }
            addPublicInterfaces(extended, found);
        }
    }
}
