// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Makes jars visible to the thread of a test through its context class loader; afterwards all is as before. */
final class ClassPath implements AfterEachCallback {

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private final List<URLClassLoader> loaders = new ArrayList<>();

    /** From now on exactly these jars are visible, besides what the test itself sees. */
    URLClassLoader is(Path... jars) throws IOException {
        return is(StorageConfig.class.getClassLoader(), jars);
    }

    URLClassLoader is(ClassLoader parent, Path... jars) throws IOException {
        URL[] urls = new URL[jars.length];
        for (int i = 0; i < jars.length; i++) {
            urls[i] = jars[i].toUri().toURL();
        }
        URLClassLoader loader = new URLClassLoader(urls, parent);
        loaders.add(loader);
        Thread.currentThread().setContextClassLoader(loader);
        return loader;
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        Thread.currentThread().setContextClassLoader(before);
        for (URLClassLoader loader : loaders) {
            loader.close();
        }
    }
}
