package dev.chela.runtime.plugin;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

import dev.chela.api.HealthProbe;
import dev.chela.api.PluginContext;
import dev.chela.api.Registrar;
import dev.chela.api.Service;
import dev.chela.api.agent.AgentEngine;
import dev.chela.api.agent.Tool;
import dev.chela.api.agent.ToolShelf;
import dev.chela.api.channel.Channel;
import dev.chela.api.channel.Inbound;
import dev.chela.api.event.EventType;
import dev.chela.api.hook.Hook;
import dev.chela.api.http.Route;
import dev.chela.api.json.Json;
import dev.chela.api.rpc.Method;
import dev.chela.api.session.Command;
import dev.chela.runtime.channel.Registered;
import dev.chela.runtime.hook.Moments;
import dev.chela.runtime.json.TooLargeException;
import dev.chela.runtime.run.Engines;
import dev.chela.runtime.run.Tools;

/// What one plugin registers: taken in order, all or nothing.
final class Registrations implements Registrar {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final Pattern ENGINE = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final Pattern COMMAND = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
    private static final Pattern PATH = Pattern.compile("/[a-z0-9._~@/-]*[a-z0-9._~@-]");
    private static final Pattern TOOL = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final int MAX_OF_A_KIND = 500;
    /// Every model is told of every tool in every turn.
    private static final int MAX_DESCRIPTION = 4096;
    private static final int MAX_LABEL = 100;
    private static final int MIN_TEXT = 100;
    private static final int MAX_SCHEMA = 64 << 10;
    private static final int MAX_SHELF_NAME = 128;

    private final Generation generation;
    private final Context context;
    private final Taken taken;

    private final Map<String, Method<?>> methods = new LinkedHashMap<>();
    private final Map<String, EventType<?>> events = new LinkedHashMap<>();
    private final Map<String, Route> routes = new LinkedHashMap<>();
    private final Map<String, Engines.Offer> engines = new LinkedHashMap<>();
    private final Map<String, Registered> channels = new LinkedHashMap<>();
    private final Map<String, Command> commands = new LinkedHashMap<>();
    private final Map<String, Tools.Entry> tools = new LinkedHashMap<>();
    private final Map<String, Shelf> shelves = new LinkedHashMap<>();
    private final Runnable shelvesChanged;
    private final List<Hook<?>> hooks = new ArrayList<>();
    private final Map<String, Named> services = new LinkedHashMap<>();
    private final Map<String, HealthProbe> probes = new LinkedHashMap<>();
    private boolean sealed;

    /// A service and what it said of itself when it was registered.
    record Named(String name, Service.Phase phase, Service service) {}

    /// What is not to be had any more.
    ///
    /// @param coreMethods the gateway's own methods
    /// @param overridable those of them that the operator lets this plugin replace
    /// @param coreEvents the gateway's own events
    /// @param others what other plugins have
    record Taken(Set<String> coreMethods, Set<String> overridable, Set<String> coreEvents,
            List<Registrations> others) {}

    /// @param shelvesChanged called when other tools lie on a shelf than before
    Registrations(Generation generation, Context context, Taken taken, Runnable shelvesChanged) {
        this.generation = generation;
        this.context = context;
        this.taken = taken;
        this.shelvesChanged = shelvesChanged;
    }

    @Override
    public PluginContext context() {
        return context;
    }

    @Override
    public synchronized void method(Method<?> method) {
        String name = method.name();
        check(NAME.matcher(name).matches(), "method '" + name + "' has no proper name");
        check(method.hasScope(), "method '" + name + "' has no scope");
        Reserved.prefix(name).ifPresent(prefix -> {
            throw new IllegalArgumentException("method '" + name + "' begins with the reserved '" + prefix + "'");
        });
        check(!taken.coreMethods().contains(name) || taken.overridable().contains(name),
                "method '" + name + "' is the gateway's own");
        taken.others().stream().filter(other -> other.methods.containsKey(name)).findFirst().ifPresent(other -> {
            throw new IllegalArgumentException("method '" + name + "' belongs to plugin '" + other.generation.id()
                    + "'");
        });
        generation.codec().check(method.params());
        put(methods, "method", name, method);
    }

    @Override
    public synchronized void event(EventType<?> type) {
        String name = type.name();
        check(NAME.matcher(name).matches(), "event '" + name + "' has no proper name");
        check(!taken.coreEvents().contains(name), "event '" + name + "' is the gateway's own");
        taken.others().stream().filter(other -> other.events.containsKey(name)).findFirst().ifPresent(other -> {
            throw new IllegalArgumentException(
                    "event '" + name + "' belongs to plugin '" + other.generation.id() + "'");
        });
        put(events, "event", name, type);
    }

    @Override
    public synchronized void route(Route route) {
        String path = route.path();
        check(PATH.matcher(path).matches() && !path.contains("//") && !path.contains("/../") && !path.contains("/./"),
                "route '" + path + "' is no canonical path");
        check(route.door() != null, "route '" + path + "' has no door");
        check(!route.methods().isEmpty(), "route '" + path + "' has no HTTP method");
        Reserved.path(path).ifPresent(reserved -> {
            throw new IllegalArgumentException("route '" + path + "' lies at the reserved '" + reserved + "'");
        });
        taken.others().stream().filter(other -> other.routes.containsKey(path)).findFirst().ifPresent(other -> {
            throw new IllegalArgumentException(
                    "route '" + path + "' belongs to plugin '" + other.generation.id() + "'");
        });
        put(routes, "route", path, route);
    }

    @Override
    public synchronized void engine(String id, AgentEngine engine) {
        check(ENGINE.matcher(id).matches(), "engine '" + id + "' has no proper id");
        taken.others().stream().filter(other -> other.engines.containsKey(id)).findFirst().ifPresent(other -> {
            throw new IllegalArgumentException("engine '" + id + "' belongs to plugin '" + other.generation.id() + "'");
        });
        put(engines, "engine", id, Engines.Offer.of(id, engine));
    }

    @Override
    public synchronized void channel(Channel<?> channel) {
        Registered.Traits traits = Registered.Traits.of(channel);
        String id = traits.id();
        check(ENGINE.matcher(id).matches(), "channel '" + id + "' has no proper id");
        check(!traits.label().isBlank() && traits.label().length() <= MAX_LABEL,
                "channel '" + id + "' has no label of 1 to " + MAX_LABEL + " characters");
        check(traits.textLimit() >= MIN_TEXT && traits.textLimit() <= Inbound.MAX_TEXT,
                "channel '" + id + "' has a text limit that is not from " + MIN_TEXT + " to " + Inbound.MAX_TEXT);
        check(traits.actions().stream().allMatch(action -> TOOL.matcher(action).matches()),
                "channel '" + id + "' has an action without a proper name");
        taken.others().stream().filter(other -> other.channels.containsKey(id)).findFirst().ifPresent(other -> {
            throw new IllegalArgumentException("channel '" + id + "' belongs to plugin '" + other.generation.id()
                    + "'");
        });
        generation.codec().check(channel.settings());
        put(channels, "channel", id, new Registered(generation, generation.codec(), channel, traits));
    }

    @Override
    public synchronized void command(Command command) {
        String name = command.name();
        check(COMMAND.matcher(name).matches(), "command '" + name + "' has no proper name");
        check(!Reserved.isCommand(name), "command '" + name + "' is the gateway's own");
        check(!command.description().isBlank() && command.description().length() <= MAX_DESCRIPTION,
                "command '" + name + "' has no description of 1 to " + MAX_DESCRIPTION + " characters");
        taken.others().stream().filter(other -> other.commands.containsKey(name)).findFirst().ifPresent(other -> {
            throw new IllegalArgumentException("command '" + name + "' belongs to plugin '" + other.generation.id()
                    + "'");
        });
        put(commands, "command", name, command);
    }

    @Override
    public synchronized void tool(Tool<?> tool) {
        String name = tool.name();
        Tools.Entry entry = entry(tool);
        taken.others().stream().filter(other -> other.tools.containsKey(name)).findFirst().ifPresent(other -> {
            throw new IllegalArgumentException("tool '" + name + "' belongs to plugin '" + other.generation.id() + "'");
        });
        put(tools, "tool", name, entry);
    }

    @Override
    public synchronized ToolShelf tools(String name) {
        check(!name.isBlank() && name.length() <= MAX_SHELF_NAME,
                "a shelf of tools has no name of 1 to " + MAX_SHELF_NAME + " characters");
        var shelf = new Shelf(generation.id() + "/" + name, this::entry, shelvesChanged);
        put(shelves, "shelf of tools", name, shelf);
        return shelf;
    }

    /// A tool that keeps the rules.
    private Tools.Entry entry(Tool<?> tool) {
        String name = tool.name();
        check(TOOL.matcher(name).matches(), "tool '" + name + "' has no proper name");
        check(!tool.description().isBlank() && tool.description().length() <= MAX_DESCRIPTION,
                "tool '" + name + "' has no description of 1 to " + MAX_DESCRIPTION + " characters");
        return new Tools.Entry(generation, generation.codec(), tool, schema(tool));
    }

    private Json schema(Tool<?> tool) {
        Json schema = tool.schema()
                .orElseGet(() -> generation.codec().schema(tool.params().asSubclass(Record.class)));
        check(schema instanceof Json.Obj, "the schema of tool '" + tool.name() + "' is no object");
        try {
            generation.codec().encode(schema, MAX_SCHEMA);
        } catch (TooLargeException e) {
            throw new IllegalArgumentException("the schema of tool '" + tool.name() + "' is larger than "
                    + (MAX_SCHEMA >> 10) + " KiB", e);
        }
        return schema;
    }

    @Override
    public synchronized void hook(Hook<?> hook) {
        open();
        Moments.refusal(hook).ifPresent(reason -> {
            throw new IllegalArgumentException(reason);
        });
        check(hooks.size() < MAX_OF_A_KIND, "more than " + MAX_OF_A_KIND + " hooks");
        hooks.add(hook);
    }

    @Override
    public synchronized void service(Service service) {
        String name = service.name();
        put(services, "service", name, new Named(name, Objects.requireNonNull(service.phase()), service));
    }

    @Override
    public synchronized void health(String name, HealthProbe probe) {
        put(probes, "health probe", name, probe);
    }

    private <T> void put(Map<String, T> kind, String what, String name, T value) {
        open();
        check(kind.size() < MAX_OF_A_KIND, "more than " + MAX_OF_A_KIND + " of the kind " + what);
        check(kind.putIfAbsent(name, value) == null, what + " '" + name + "' is registered twice");
    }

    private void open() {
        if (sealed) {
            throw new IllegalStateException("plugin '" + generation.id() + "' registers after it was asked to");
        }
    }

    private static void check(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /// Takes nothing more.
    synchronized void seal() {
        sealed = true;
    }

    /// Lends the plugin nothing any more.
    void end() {
        seal();
        shelves.values().forEach(Shelf::end);
        context.end();
    }

    Generation generation() {
        return generation;
    }

    Map<String, Method<?>> methods() {
        return methods;
    }

    Map<String, EventType<?>> events() {
        return events;
    }

    Map<String, Route> routes() {
        return routes;
    }

    Map<String, Engines.Offer> engines() {
        return engines;
    }

    Map<String, Registered> channels() {
        return channels;
    }

    Map<String, Command> commands() {
        return commands;
    }

    Map<String, Tools.Entry> tools() {
        return tools;
    }

    Map<String, Shelf> shelves() {
        return shelves;
    }

    List<Hook<?>> hooks() {
        return hooks;
    }

    Map<String, Named> services() {
        return services;
    }

    Map<String, HealthProbe> probes() {
        return probes;
    }

    /// Names of everything, for the operator.
    Map<String, List<String>> summary() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        all.put("methods", List.copyOf(methods.keySet()));
        all.put("events", List.copyOf(events.keySet()));
        all.put("routes", List.copyOf(routes.keySet()));
        all.put("engines", List.copyOf(engines.keySet()));
        all.put("channels", List.copyOf(channels.keySet()));
        all.put("commands", List.copyOf(commands.keySet()));
        all.put("hooks", hooks.stream().map(Moments::name).toList());
        all.put("tools", List.copyOf(tools.keySet()));
        all.put("shelves", List.copyOf(shelves.keySet()));
        all.put("services", List.copyOf(services.keySet()));
        all.put("health", List.copyOf(probes.keySet()));
        all.values().removeIf(List::isEmpty);
        return all;
    }

    /// The core methods it replaces.
    Set<String> overridden() {
        Set<String> both = new HashSet<>(methods.keySet());
        both.retainAll(taken.coreMethods());
        return both;
    }
}
