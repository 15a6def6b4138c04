package dev.chela.runtime.plugin;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.chela.api.Service;
import dev.chela.api.event.EventType;
import dev.chela.api.event.Events;
import dev.chela.api.hook.Hook;
import dev.chela.api.http.Route;
import dev.chela.api.session.Sessions;
import dev.chela.runtime.channel.Registered;
import dev.chela.runtime.config.Config;
import dev.chela.runtime.dispatch.Methods;
import dev.chela.runtime.event.Broadcaster;
import dev.chela.runtime.hook.Hooks;
import dev.chela.runtime.instance.StateFolder;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.json.TooLargeException;
import dev.chela.runtime.lifecycle.Owner;
import dev.chela.runtime.run.Commands;
import dev.chela.runtime.run.Engines;
import dev.chela.runtime.run.Tools;

import org.jspecify.annotations.Nullable;

/// Makes generations of the jars in the plugin folders. A broken jar is reported with one precise reason and never stops
/// the gateway. Loading happens on one thread; what has been loaded may be read by all.
public final class PluginHost implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("plugins");
    /// How long all of them together may take to end, but each gets a moment.
    private static final Duration CLOSE = Duration.ofSeconds(4);
    private static final Duration MOMENT = Duration.ofMillis(100);

    private final Parts parts;
    private final Carriers carriers = new Carriers();
    private final Permits permits = new Permits(Carriers.count());
    private final Map<String, Registrations> loaded = new HashMap<>();
    private final List<Registrations> inOrder = new CopyOnWriteArrayList<>();
    private final List<PluginReport> reports = new ArrayList<>();
    private Consumer<Tools> toolsChanged = _ -> {};
    private Set<String> coreMethods = Set.of();

    /// What plugins stand on.
    ///
    /// @param bundled the folder of the distribution's own jars; null if there is none
    /// @param apiVersion the version of gateway-api
    /// @param coreMethods names that belong to the core
    /// @param coreEvents names that belong to the core
    /// @param sessions the sessions for a plugin
    public record Parts(StateFolder folder, @Nullable Path bundled, Supplier<Config> config, String apiVersion,
            Supplier<Set<String>> coreMethods, Set<String> coreEvents, Map<String, String> environment,
            InstantSource clock,
            Function<String, Sessions> sessions, Broadcaster broadcaster) {}

    /// A route and whose it is.
    public record OwnedRoute(Route route, Owner owner) {}

    /// A service and whose it is.
    record OwnedService(String name, Service.Phase phase, Service service, Generation owner) {}

    /// Nothing is loaded yet.
    public PluginHost(Parts parts) {
        this.parts = parts;
    }

    /// A jar that might become a plugin.
    ///
    /// @param jar where it is loaded from
    private record Candidate(Path file, String origin, Path jar, Descriptor descriptor) {}

    /// Loads every jar of the bundled and the user's folder, in the order of their dependencies, then of their names.
    public void load() {
        StateFolder.make(parts.folder().plugins());
        coreMethods = parts.coreMethods().get();
        var store = new JarStore(parts.folder().jars());
        List<Candidate> candidates = new ArrayList<>();
        Map<String, Path> ids = new HashMap<>();
        for (Path jar : jars(parts.bundled())) {
            candidate(jar, null, ids).ifPresent(candidates::add);
        }
        for (Path jar : jars(parts.folder().plugins())) {
            candidate(jar, store, ids).ifPresent(candidates::add);
        }
        Set<Path> used = new HashSet<>();
        for (Candidate next : new LoadOrder<>(candidates, Candidate::descriptor).sorted()) {
            if (load(next)) {
                used.add(next.jar());
            }
        }
        store.keepOnly(used);
    }

    /// The jars of a folder, by name.
    static List<Path> jars(@Nullable Path folder) {
        List<Path> jars = new ArrayList<>();
        if (folder == null || !Files.isDirectory(folder)) {
            return jars;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
            files.forEach(jars::add);
        } catch (IOException | DirectoryIteratorException e) {
            LOG.log(Level.ERROR, "the plugin folder " + folder + " cannot be read", e);
        }
        jars.sort(Comparator.comparing(jar -> jar.getFileName().toString()));
        return jars;
    }

    /// @param store keeps a copy to be loaded, which nobody changes after we have looked at it; null if the jar itself is
    ///     loaded
    private Optional<Candidate> candidate(Path file, @Nullable JarStore store, Map<String, Path> ids) {
        String origin = store == null ? "bundled" : "user";
        Descriptor descriptor = null;
        try {
            if (!Files.isRegularFile(file)) {
                throw new PluginException("it is no regular file");
            }
            Path jar = store == null ? file : store.keep(file);
            descriptor = Descriptor.read(jar);
            Optional<String> no = disabled(descriptor);
            if (no.isPresent()) {
                report(new Candidate(file, origin, jar, descriptor), PluginReport.DISABLED, no.get(), null, 0);
                return Optional.empty();
            }
            Path first = ids.putIfAbsent(descriptor.id(), file);
            if (first != null) {
                throw new PluginException("another jar has the id '" + descriptor.id() + "' already: "
                        + first.getFileName());
            }
            return Optional.of(new Candidate(file, origin, jar, descriptor));
        } catch (PluginException e) {
            reports.add(new PluginReport(file.getFileName().toString(), origin,
                    descriptor == null ? null : descriptor.id(), descriptor == null ? null : descriptor.version(),
                    PluginReport.REFUSED, e.getMessage(), Map.of(), 0, false));
            LOG.log(Level.ERROR, "plugin jar " + file + " is refused: " + e.getMessage());
            return Optional.empty();
        }
    }

    /// Deny counts before allow, allow before the plugin's own entry.
    private Optional<String> disabled(Descriptor descriptor) {
        String id = descriptor.id();
        Config.Plugins plugins = parts.config().get().pluginsOrEmpty();
        Config.PluginEntry entry = parts.config().get().plugin(id);
        if (Boolean.FALSE.equals(plugins.enabled())) {
            return Optional.of("plugins.enabled is false");
        } else if (plugins.deny() != null && plugins.deny().contains(id)) {
            return Optional.of("plugins.deny names it");
        } else if (plugins.allow() != null && !plugins.allow().isEmpty() && !plugins.allow().contains(id)) {
            return Optional.of("plugins.allow does not name it");
        }
        return entry != null && Boolean.FALSE.equals(entry.enabled())
                ? Optional.of("plugins.entries." + id + ".enabled is false")
                : OwnSettings.needless(parts.config().get(), descriptor);
    }

    private boolean load(Candidate candidate) {
        long begun = System.nanoTime();
        try {
            Registrations registrations = load(candidate.descriptor(), candidate.jar());
            loaded.put(candidate.descriptor().id(), registrations);
            inOrder.add(registrations);
            long ms = (System.nanoTime() - begun) / 1_000_000;
            report(candidate, PluginReport.LOADED, null, registrations, ms);
            LOG.log(Level.DEBUG, "plugin '" + candidate.descriptor().id() + "' " + candidate.descriptor().version()
                    + " is loaded in " + ms + " ms");
            return true;
        } catch (PluginException e) {
            report(candidate, PluginReport.REFUSED, String.valueOf(e.getMessage()), null,
                    (System.nanoTime() - begun) / 1_000_000);
            LOG.log(Level.ERROR, "plugin '" + candidate.descriptor().id() + "' (" + candidate.file() + ") is refused: "
                    + e.getMessage());
            if (e.getCause() != null) {
                LOG.log(Level.DEBUG, "why plugin '" + candidate.descriptor().id() + "' is refused", e.getCause());
            }
            return false;
        }
    }

    private Registrations load(Descriptor descriptor, Path path) throws PluginException {
        if (!Jar.satisfies(parts.apiVersion(), descriptor.requires())) {
            throw new PluginException("it requires API " + descriptor.requires() + "; this gateway has "
                    + parts.apiVersion());
        }
        List<ClassLoader> dependencies = dependencies(descriptor);
        for (Registrations other : inOrder) {
            Descriptor before = other.generation().descriptor();
            if (!descriptor.section().isEmpty() && descriptor.section().equals(before.section())) {
                throw new PluginException("its manifest says Plugin-Config: " + descriptor.section()
                        + ", which belongs to plugin '" + before.id() + "'");
            }
        }
        Jar jar = Jar.open(path, descriptor, parts.apiVersion(), dependencies);
        try {
            var generation = new Generation(descriptor, jar,
                    Bounded.run("making its entry class", Bounded.START, jar.loader(), jar::instantiate),
                    permits.share());
            return register(generation);
        } catch (PluginException | RuntimeException e) {
            jar.close();
            throw e;
        }
    }

    private List<ClassLoader> dependencies(Descriptor descriptor) throws PluginException {
        List<ClassLoader> loaders = new ArrayList<>();
        for (Descriptor.Dependency dependency : descriptor.dependencies()) {
            Registrations other = loaded.get(dependency.id());
            if (other == null && !dependency.optional()) {
                throw new PluginException("it needs plugin '" + dependency.id() + "', which is not loaded");
            } else if (other != null) {
                String version = other.generation().descriptor().version();
                if (!Jar.satisfies(version, dependency.range())) {
                    throw new PluginException("it needs plugin '" + dependency.id() + "' " + dependency.range()
                            + "; loaded is " + version);
                }
                loaders.add(other.generation().jar().loader());
            }
        }
        return loaders;
    }

    private Registrations register(Generation generation) throws PluginException {
        String id = generation.id();
        var context = new Context(generation.descriptor(), loan(generation));
        var registrations = new Registrations(generation, context, taken(id), this::shelvesChanged);
        try {
            generation.bounded("register", Bounded.START, () -> {
                generation.plugin().register(registrations);
                return true;
            });
            registrations.seal();
            generation.bounded("check", Bounded.START, () -> {
                generation.plugin().check(context);
                return true;
            });
            context.opened(registrations.events());
            return registrations;
        } catch (PluginException e) {
            registrations.end();
            generation.endPlugin(Bounded.CLOSE);
            throw e;
        }
    }

    private Context.Loan loan(Generation generation) {
        String id = generation.id();
        return new Context.Loan(() -> StateFolder.make(parts.folder().ofPlugin(id)),
                () -> OwnSettings.of(parts.config().get(), generation.descriptor()),
                parts.environment(), parts.clock(), parts.sessions().apply(id), generation.codec(),
                (type, payload) -> publish(generation, type, payload));
    }

    /// What is larger would cost slow readers their connection.
    private void publish(Generation generation, EventType<?> type, Object payload) {
        JsonText text;
        try {
            text = generation.codec().encode(payload, Events.MAX_BYTES);
        } catch (TooLargeException e) {
            throw new IllegalArgumentException("event '" + type.name() + "' is larger than " + Events.MAX_BYTES
                    + " bytes", e);
        }
        parts.broadcaster().publish(type, text);
    }

    private Registrations.Taken taken(String id) {
        Config.PluginEntry entry = parts.config().get().plugin(id);
        Set<String> overridable = entry == null || entry.overrides() == null ? Set.of() : Set.copyOf(entry.overrides());
        return new Registrations.Taken(coreMethods, overridable, parts.coreEvents(),
                List.copyOf(inOrder));
    }

    private void report(Candidate candidate, String state, @Nullable String reason, @Nullable Registrations what,
            long ms) {
        reports.add(new PluginReport(candidate.file().getFileName().toString(), candidate.origin(),
                candidate.descriptor().id(), candidate.descriptor().version(), state, reason,
                what == null ? Map.of() : what.summary(), ms, false));
    }

    // ---- what has been loaded ----

    /// What became of every jar.
    public List<PluginReport> reports() {
        Set<String> spinning = inOrder.stream().map(Registrations::generation).filter(Generation::spins)
                .map(Generation::id).collect(Collectors.toSet());
        return reports.stream().map(one -> one.isLoaded() && spinning.contains(one.id()) ? one.spinning() : one)
                .toList();
    }

    /// The methods of all plugins.
    public List<Methods.Entry> methods() {
        return inOrder.stream().flatMap(one -> one.methods().values().stream()
                .map(method -> new Methods.Entry(method, one.generation(), one.generation().codec(), null))).toList();
    }

    /// The core methods that plugins replace.
    public Set<String> overridden() {
        Set<String> all = new HashSet<>();
        inOrder.forEach(one -> all.addAll(one.overridden()));
        return all;
    }

    /// The names of the events of all plugins.
    public List<String> events() {
        return inOrder.stream().flatMap(one -> one.events().values().stream()).map(EventType::name).toList();
    }

    /// The routes of all plugins.
    public List<OwnedRoute> routes() {
        return inOrder.stream()
                .flatMap(one -> one.routes().values().stream().map(route -> new OwnedRoute(route, one.generation())))
                .toList();
    }

    /// The channels of all plugins.
    public List<Registered> channels() {
        return inOrder.stream().flatMap(one -> one.channels().values().stream()).toList();
    }

    /// The slash commands of all plugins.
    public Commands commands() {
        return new Commands(inOrder.stream().flatMap(one -> one.commands().values().stream()
                .map(command -> new Commands.Entry(one.generation(), command))).toList());
    }

    /// The engines of all plugins.
    public Engines engines() {
        return new Engines(inOrder.stream().flatMap(
                one -> one.engines().values().stream().map(offer -> new Engines.Entry(one.generation(), offer)))
                .toList());
    }

    /// The tools of all plugins: those registered for good, then what lies on shelves; of two that have one name the first.
    public Tools tools() {
        return Shelf.collect(inOrder);
    }

    /// Tells of all tools now and whenever plugins offer others than before, on any thread, one call at a time.
    public synchronized void whenToolsChange(Consumer<Tools> listener) {
        toolsChanged = listener;
        shelvesChanged();
    }

    private synchronized void shelvesChanged() {
        toolsChanged.accept(tools());
    }

    private Duration limit(String plugin, Hook<?> hook) {
        Config.PluginEntry entry = parts.config().get().plugin(plugin);
        Integer ms = entry == null || entry.hooks() == null
                ? null
                : entry.hooks().of(hook.moment().getSimpleName());
        return ms == null ? hook.timeLimit() : Duration.ofMillis(ms);
    }

    /// The hooks of all plugins.
    public List<Hooks.Registered> hooks() {
        return inOrder.stream()
                .flatMap(one -> one.hooks().stream()
                        .map(hook -> new Hooks.Registered(hook, one.generation(), limit(one.generation().id(), hook))))
                .toList();
    }

    /// Looks for plugins that keep threads busy without end, cuts their permits and replaces the threads they keep; to be
    /// called twice a second.
    public void watch() {
        carriers.replace(inOrder.stream().mapToInt(one -> one.generation().watch()).sum());
    }

    /// The services of all plugins, in order of registration.
    List<OwnedService> services() {
        return inOrder.stream().flatMap(
                one -> one.services().values().stream().map(named -> new OwnedService(named.name(), named.phase(),
                        named.service(), one.generation())))
                .toList();
    }

    /// The health probes of all plugins.
    public List<ProbeRound.OwnedProbe> probes() {
        return inOrder.stream()
                .flatMap(one -> one.probes().entrySet().stream().map(
                        entry -> new ProbeRound.OwnedProbe(entry.getKey(), entry.getValue(), one.generation())))
                .toList();
    }

    /// Ends all plugins, the last loaded first.
    @Override
    public void close() {
        long end = System.nanoTime() + CLOSE.toNanos();
        inOrder.forEach(one -> one.generation().retire());
        for (Registrations one : inOrder.reversed()) {
            one.generation().end(until(end).dividedBy(2), until(end));
            one.end();
        }
        inOrder.clear();
        loaded.clear();
    }

    private static Duration until(long end) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        return left.compareTo(MOMENT) > 0 ? left : MOMENT;
    }
}
