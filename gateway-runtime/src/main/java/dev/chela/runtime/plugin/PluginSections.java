package dev.chela.runtime.plugin;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/// Which top-level sections of the configuration belong to plugins, as the manifests of all jars say; looked up when first
/// asked, since most configurations have none.
public final class PluginSections implements Predicate<String> {

    private final @Nullable Path bundled;
    private final Path dropped;
    private @Nullable Set<String> names;

    /// @param bundled the folder of the distribution's own jars; null if there is none
    /// @param dropped the folder of the user's
    public PluginSections(@Nullable Path bundled, Path dropped) {
        this.bundled = bundled;
        this.dropped = dropped;
    }

    @Override
    public synchronized boolean test(String section) {
        Set<String> known = names;
        if (known == null) {
            known = new HashSet<>();
            for (Path jar : Stream.concat(PluginHost.jars(bundled).stream(), PluginHost.jars(dropped).stream())
                    .toList()) {
                known.add(section(jar));
            }
            known.remove("");
            names = known;
        }
        return known.contains(section);
    }

    /// A jar that cannot be read is reported when it is loaded.
    private static String section(Path jar) {
        try {
            return Descriptor.read(jar).section();
        } catch (PluginException e) {
            return "";
        }
    }
}
