package dev.chela.runtime.plugin;

import java.nio.file.Path;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

import dev.chela.api.GatewayPlugin;

import org.pf4j.ClassLoadingStrategy;
import org.pf4j.DefaultPluginDescriptor;
import org.pf4j.DefaultVersionManager;
import org.pf4j.JarPluginManager;
import org.pf4j.Plugin;
import org.pf4j.PluginClassLoader;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginDescriptorFinder;
import org.pf4j.PluginFactory;
import org.pf4j.PluginLoader;
import org.pf4j.PluginState;
import org.pf4j.PluginStatusProvider;
import org.pf4j.PluginWrapper;
import org.pf4j.VersionManager;

/// One loading of one jar by a PF4J manager of its own: a manager refuses a second jar of an id that it knows, and two
/// generations of a plugin live side by side for a while.
final class Jar {

    private static final VersionManager VERSIONS = new DefaultVersionManager();

    private final Manager manager;
    private final String id;
    private final ClassLoader loader;

    private Jar(Manager manager, String id, ClassLoader loader) {
        this.manager = manager;
        this.id = id;
        this.loader = loader;
    }

    /// Whether a version lies in a range; an empty range holds all.
    static boolean satisfies(String version, String range) throws PluginException {
        try {
            return range.isEmpty() || VERSIONS.checkVersionConstraint(version, range);
        } catch (RuntimeException | StackOverflowError e) {
            throw new PluginException("'" + range + "' is no range of versions", e);
        }
    }

    /// Makes a class loader for a jar; nothing of it runs yet.
    ///
    /// @param path where it is loaded from; must not change any more
    /// @param apiVersion what `Plugin-Requires` is checked against
    static Jar open(Path path, Descriptor descriptor, String apiVersion, List<ClassLoader> dependencies)
            throws PluginException {
        var manager = new Manager(path, descriptor, new SharedClasses(Jar.class.getClassLoader(), dependencies));
        manager.setSystemVersion(apiVersion);
        try {
            String id = manager.loadPlugin(path);
            PluginState state = manager.startPlugin(id);
            PluginWrapper wrapper = manager.getPlugin(id);
            if (state != PluginState.STARTED) {
                throw new PluginException("it cannot be started: " + wrapper.getFailedException());
            }
            return new Jar(manager, id, wrapper.getPluginClassLoader());
        } catch (RuntimeException e) {
            throw new PluginException("it cannot be loaded: " + e.getMessage(), e);
        }
    }

    /// Makes the one entry class the jar names; of the jar itself, not of one it depends on.
    GatewayPlugin instantiate() throws PluginException {
        try {
            List<ServiceLoader.Provider<GatewayPlugin>> own = ServiceLoader.load(GatewayPlugin.class, loader).stream()
                    .filter(provider -> loader.equals(provider.type().getClassLoader())).toList();
            if (own.size() != 1) {
                throw new PluginException(own.isEmpty()
                        ? "it names no GatewayPlugin in META-INF/services/" + GatewayPlugin.class.getName()
                        : "it names " + own.size() + " GatewayPlugins; one jar has one");
            }
            return own.getFirst().get();
        } catch (ServiceConfigurationError e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new PluginException("its entry class cannot be made: " + cause, e);
        }
    }

    ClassLoader loader() {
        return loader;
    }

    /// Lets go of the jar.
    void close() {
        try {
            manager.stopPlugin(id);
            manager.unloadPlugin(id);
        } catch (RuntimeException e) {
            System.getLogger("plugins").log(System.Logger.Level.WARNING, "the jar of plugin '" + id + "' stays open",
                    e);
        }
    }

    /// PF4J, fenced: the manifest as we read it, no plugin class of its own, dependencies resolved by us, and no list of
    /// disabled plugins beside the jar.
    private static final class Manager extends JarPluginManager {

        private final Descriptor known;
        private final ClassLoader shared;

        Manager(Path jar, Descriptor known, ClassLoader shared) {
            super(jar.toAbsolutePath().getParent());
            this.known = known;
            this.shared = shared;
        }

        @Override
        protected PluginDescriptorFinder createPluginDescriptorFinder() {
            return new PluginDescriptorFinder() {
                @Override
                public boolean isApplicable(Path jar) {
                    return true;
                }

                @Override
                public PluginDescriptor find(Path jar) {
                    return new DefaultPluginDescriptor(known.id(), known.description(), Plugin.class.getName(),
                            known.version(), known.requires().isEmpty() ? "*" : known.requires(), "", "");
                }
            };
        }

        @Override
        protected PluginStatusProvider createPluginStatusProvider() {
            return new PluginStatusProvider() {
                @Override
                public boolean isPluginDisabled(String plugin) {
                    return false;
                }

                @Override
                public void disablePlugin(String plugin) {}

                @Override
                public void enablePlugin(String plugin) {}
            };
        }

        @Override
        protected PluginFactory createPluginFactory() {
            return _ -> new Plugin() {};
        }

        @Override
        protected PluginLoader createPluginLoader() {
            return new PluginLoader() {
                @Override
                public boolean isApplicable(Path jar) {
                    return true;
                }

                @Override
                public ClassLoader loadPlugin(Path jar, PluginDescriptor descriptor) {
                    var own = new PluginClassLoader(Manager.this, descriptor, shared, ClassLoadingStrategy.ADP);
                    own.addFile(jar.toFile());
                    return own;
                }
            };
        }
    }
}
