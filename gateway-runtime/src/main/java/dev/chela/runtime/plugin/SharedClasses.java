package dev.chela.runtime.plugin;

import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/// Everything a plugin may see from outside its jar: the API, the JDK, and the plugins it depends on.
final class SharedClasses extends ClassLoader {

    private static final List<String> SHARED = List.of("dev.chela.api.", "org.jspecify.");

    private final ClassLoader host;
    private final List<ClassLoader> dependencies;

    SharedClasses(ClassLoader host, List<ClassLoader> dependencies) {
        super("shared", getPlatformClassLoader());
        this.host = host;
        this.dependencies = dependencies;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (SHARED.stream().anyMatch(name::startsWith)) {
            return host.loadClass(name);
        }
        var missing = new ClassNotFoundException(name);
        for (ClassLoader dependency : dependencies) {
            try {
                return dependency.loadClass(name);
            } catch (ClassNotFoundException e) {
                missing.addSuppressed(e);
            }
        }
        throw missing;
    }

    @Override
    protected @Nullable URL findResource(String name) {
        return null;
    }

    @Override
    protected Enumeration<URL> findResources(String name) throws IOException {
        return Collections.emptyEnumeration();
    }
}
