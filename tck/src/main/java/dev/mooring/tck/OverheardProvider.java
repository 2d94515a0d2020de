// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;

/**
 * A provider all of whose backends' failures are heard, whatever becomes of them in the core and in the checks.
 *
 * @param provider the one under test
 * @param heard is given what is thrown, on any thread
 */
record OverheardProvider(StorageProvider provider, Consumer<Throwable> heard) implements StorageProvider {

    @Override
    public String name() {
        return provider.name();
    }

    @Override
    public List<Option> options() {
        return provider.options();
    }

    @Override
    public Guarantees guarantees(Options options) {
        return provider.guarantees(options);
    }

    @Override
    public StorageBackend open(BackendContext context) throws IOException {
        StorageBackend backend;
        try {
            backend = provider.open(context);
        } catch (IOException | RuntimeException | Error e) {
            heard.accept(e);
            throw e;
        }
        return (StorageBackend) Proxy.newProxyInstance(
                StorageBackend.class.getClassLoader(),
                new Class<?>[] {StorageBackend.class},
                (proxy, method, arguments) -> {
                    try {
                        return method.invoke(backend, arguments);
                    } catch (InvocationTargetException e) {
                        Throwable thrown = e.getTargetException();
                        heard.accept(thrown);
                        throw thrown;
                    }
                });
    }
}
