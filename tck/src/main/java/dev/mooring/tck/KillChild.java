// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.model.Step;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * What the crash rules kill: opens a storage and makes the calls of a script, saying before and after each that it does.
 * Every line leaves the process before the next step, so that what was said is known after SIGKILL.
 */
final class KillChild {

    static final String OPENING = "opening";
    static final String OPEN = "open";
    static final String STARTED = "started ";
    static final String RETURNED = "returned ";
    static final int COULD_NOT_START = 3;
    static final int FAILED = 4;
    static final int CAN_NOT_MAKE_PROVIDER = 5;

    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private KillChild() {}

    public static void main(String[] arguments) throws IOException {
        Plug plug;
        try {
            plug = plug(arguments);
            plug.options();
        } catch (NoSuchMethodException | ClassNotFoundException | NoClassDefFoundError e) {
            System.err.println(e);
            System.exit(CAN_NOT_MAKE_PROVIDER);
            return;
        } catch (ReflectiveOperationException | IOException | RuntimeException | LinkageError e) {
            e.printStackTrace();
            System.exit(COULD_NOT_START);
            return;
        }
        try {
            List<Step> script = CrashScript.of(Long.parseLong(arguments[2]), Integer.parseInt(arguments[3]));
            run(
                    plug,
                    Path.of(arguments[1]),
                    new ScriptRun(script, Integer.parseInt(arguments[4]), Integer.parseInt(arguments[5])),
                    Integer.parseInt(arguments[6]));
        } catch (IOException | RuntimeException | Error e) {
            e.printStackTrace();
            System.exit(FAILED);
        }
    }

    private static void run(Plug plug, Path directory, ScriptRun script, int last) throws IOException {
        say(OPENING);
        try (WholeStorage storage = WholeStorage.open(plug, directory)) {
            say(OPEN);
            script.goOn(storage, last, new ScriptRun.Progress() {
                @Override
                public void started(int call) throws IOException {
                    say(STARTED + call);
                }

                @Override
                public void returned(int call) throws IOException {
                    say(RETURNED + call);
                }
            });
        }
    }

    private static Plug plug(String[] arguments) throws ReflectiveOperationException {
        return new Plug(provider(arguments[0]), options(arguments, 7));
    }

    /** Arguments of the form {@code name=value}, from this one on. */
    static Map<String, String> options(String[] arguments, int first) {
        Map<String, String> options = new HashMap<>();
        for (int i = first; i < arguments.length; i++) {
            int equals = arguments[i].indexOf('=');
            options.put(arguments[i].substring(0, equals), arguments[i].substring(equals + 1));
        }
        return options;
    }

    /**
     * The provider of this class: the one that is registered, else a new one.
     *
     * @throws NoSuchMethodException if only the process that plugged it in can make it
     */
    static StorageProvider provider(String className) throws ReflectiveOperationException {
        for (ServiceLoader.Provider<StorageProvider> candidate : (Iterable<ServiceLoader.Provider<StorageProvider>>)
                ServiceLoader.load(StorageProvider.class).stream()::iterator) {
            StorageProvider provider = candidate.get();
            if (provider.getClass().getName().equals(className)) {
                return provider;
            }
        }
        try {
            var constructor = Class.forName(className).getDeclaredConstructor();
            constructor.setAccessible(true);
            return (StorageProvider) constructor.newInstance();
        } catch (NoSuchMethodException e) {
            NoSuchMethodException explained = new NoSuchMethodException(
                    className + " is not registered for ServiceLoader and has no constructor without parameters");
            explained.initCause(e);
            throw explained;
        }
    }

    private static void say(String line) throws IOException {
        OUT.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
