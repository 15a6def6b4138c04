package dev.chela.runtime;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.chela.api.hook.GatewayStarted;
import dev.chela.api.hook.GatewayStopping;
import dev.chela.runtime.channel.ChannelViews;
import dev.chela.runtime.config.Config;
import dev.chela.runtime.dispatch.Core;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.dispatch.Methods;
import dev.chela.runtime.event.CoreEvents;
import dev.chela.runtime.hook.Hooks;
import dev.chela.runtime.http.HttpChain;
import dev.chela.runtime.http.Routes;
import dev.chela.runtime.json.JsonBuffer;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.lifecycle.ClosePhase;
import dev.chela.runtime.lifecycle.StageException;
import dev.chela.runtime.lifecycle.Stages;
import dev.chela.runtime.method.AgentMethods;
import dev.chela.runtime.method.CatalogMethods;
import dev.chela.runtime.method.ChannelMethods;
import dev.chela.runtime.method.ChatMethods;
import dev.chela.runtime.method.DeliveryMethods;
import dev.chela.runtime.method.Destinations;
import dev.chela.runtime.method.Health;
import dev.chela.runtime.method.LogMethods;
import dev.chela.runtime.method.SessionEditMethods;
import dev.chela.runtime.method.SessionFindMethods;
import dev.chela.runtime.method.SessionMethods;
import dev.chela.runtime.method.StatusMethods;
import dev.chela.runtime.method.ToolMethods;
import dev.chela.runtime.method.Uploads;
import dev.chela.runtime.method.UsageMethods;
import dev.chela.runtime.plugin.PluginHost;
import dev.chela.runtime.plugin.PluginReport;
import dev.chela.runtime.plugin.Services;
import dev.chela.runtime.protocol.Version;
import dev.chela.runtime.run.Commands;
import dev.chela.runtime.run.Engines;
import dev.chela.runtime.run.Tools;
import dev.chela.runtime.session.SessionKeys;
import dev.chela.runtime.websocket.CloseCode;

/// A gateway, wired once. Started with [#start], stopped with [#stop]; a restart is a new one.
public final class Gateway implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("gateway");
    private static final Duration PART_STOPS_WITHIN = Duration.ofSeconds(5);
    private static final Duration WATCH = Duration.ofMillis(500);
    private static final Duration GOODBYE = Duration.ofMillis(1200);

    private final Options options;
    private final Stages stages = new Stages(PART_STOPS_WITHIN);
    private final Ground ground;
    private final Talk talk;
    private final Conversations conversations;
    private final PluginHost plugins;
    private final Health health;
    private final ChannelViews channelViews;
    private final Hooks hooks;
    private final Services services = new Services();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean ready;
    private volatile boolean stopping;

    /// Starts a gateway; when this returns, it answers.
    ///
    /// @throws StageException naming the part that could not be started; its cause says why
    public static Gateway start(Options options) {
        var gateway = new Gateway(options);
        try {
            gateway.open();
            return gateway;
        } catch (RuntimeException e) {
            gateway.stages.stop().forEach(e::addSuppressed);
            throw e;
        }
    }

    private Gateway(Options options) {
        this.options = options;
        ground = new Ground(options, stages);
        talk = new Talk(options, ground, this::keys, this::readiness);
        hooks = new Hooks(ground.threads::after);
        conversations = new Conversations(options, ground, talk.broadcaster, hooks);
        channelViews = new ChannelViews(conversations.channels);
        plugins = stages.start("plugins", ClosePhase.GROUND,
                () -> new PluginHost(new PluginHost.Parts(ground.folder, options.bundledPlugins(),
                        ground.config::config, Version.CURRENT.api(), this::coreNames,
                        Set.copyOf(CoreEvents.names()), options.environment(), options.clock(),
                        id -> conversations().forPlugin(id), talk.broadcaster)),
                PluginHost::close);
        health = new Health(new Health.Parts(conversations.store, conversations.agents, plugins, channelViews,
                talk.broadcaster, ground.threads, options.clock(), talk.welcome::ofHealth));
    }

    private Conversations conversations() {
        return conversations;
    }

    private SessionKeys keys() {
        return conversations.keys;
    }

    private HttpChain.Readiness readiness() {
        return new HttpChain.Readiness(ready, stopping, talk.welcome.uptimeMs());
    }

    private List<CoreMethod> coreMethods() {
        Conversations work = conversations;
        var status = new StatusMethods(new StatusMethods.Parts(Version.CURRENT.product(), work.views, work.agents,
                work.keys, work.notes, talk.presence, talk.connections, talk.broadcaster, options.clock()));
        var places = new Destinations(work.channels, work.store);
        var uploads = new Uploads(options.limits().attachments());
        return Stream.of(health.methods(), status.methods(),
                new CatalogMethods(() -> ground.config, work.agents, work.chat, plugins, work.channels,
                        options.clock()).methods(),
                new AgentMethods(work.views, work.chat, places,
                        new AgentMethods.Parts(work.agents, ground.threads, options.clock(), uploads)).methods(),
                new SessionMethods(work.views, options.clock()).methods(),
                new SessionEditMethods(work.views, work.edits, work.agents, uploads).methods(),
                new SessionFindMethods(work.views, options.clock()).methods(),
                new UsageMethods(work.views, options.clock(), ZoneId.systemDefault()).methods(),
                new ChatMethods(work.views, work.chat, places, uploads).methods(),
                new ToolMethods(work.views, work.tools, ground.threads, options.clock(), hooks).methods(),
                new ChannelMethods(work.channels, channelViews, options.clock()).methods(),
                new DeliveryMethods(places, channelViews, work.views, work.deliveries).methods(),
                new LogMethods(ground.folder.log()).methods()).flatMap(List::stream).toList();
    }

    private Set<String> coreNames() {
        return coreMethods().stream().map(method -> method.method().name()).collect(Collectors.toSet());
    }

    // ---- start ----

    private void open() {
        stopLater();
        plugins.load();
        publish();
        int waiting = conversations.runs.recover();
        health.start();
        talk.welcome.health(health::text, health::version);
        ready = true;
        ground.port.open(talk.entrance);
        ground.threads.every(options.limits().tick(), this::tick);
        ground.threads.every(WATCH, () -> ground.threads.workers().execute(plugins::watch));
        announce(waiting);
        services.start(plugins);
        conversations.deliveries.start();
        conversations.channels.start();
        hooks.tell(new GatewayStarted(port()));
    }

    /// Swaps in what plugins bring: everything at once, each registry as a whole.
    private void publish() {
        JsonCodec codec = new JsonCodec();
        List<Methods.Entry> entries = new ArrayList<>();
        Set<String> overridden = plugins.overridden();
        coreMethods().stream().filter(method -> !overridden.contains(method.method().name()))
                .forEach(method -> entries.add(new Methods.Entry(method.method(), Core.CORE, codec, method)));
        entries.addAll(plugins.methods());
        var methods = new Methods(entries);
        conversations.answerBy(plugins.engines(), plugins.commands(), plugins.tools());
        plugins.whenToolsChange(conversations.tools::replace);
        talk.chain.replace(new Routes(plugins.routes().stream()
                .map(owned -> new Routes.Entry(owned.route(), owned.owner())).toList()));
        hooks.replace(plugins.hooks());
        conversations.channels.replace(plugins.channels());
        talk.dispatcher.replace(methods);
        talk.welcome.advertise(methods.advertised(), plugins.events());
        Path file = ground.config.file();
        talk.welcome.paths(file.toString(), ground.folder.path().toString(), ground.secrets.secret().mode().label());
    }

    private void announce(int waiting) {
        List<PluginReport> reports = plugins.reports();
        long loaded = reports.stream().filter(PluginReport::isLoaded).count();
        long refused = reports.stream().filter(PluginReport::isRefused).count();
        LOG.log(Level.INFO, "listening on " + url() + " with " + loaded + " plugins"
                + (refused == 0 ? "" : " (" + refused + " refused; see `chela plugins list`)"));
        ground.config.warnings().forEach(warning -> LOG.log(Level.WARNING, "config: " + warning));
        if (waiting > 0) {
            LOG.log(Level.INFO, waiting + " messages that had been accepted before are taken up");
        }
    }

    private void tick() {
        JsonText now = JsonText.of(new JsonBuffer(32).raw("{\"ts\":").number(options.clock().millis()).raw("}")
                .toBytes());
        ground.threads.drainers().execute(() -> talk.broadcaster.publish(CoreEvents.TICK, now));
    }

    // ---- stop ----

    /// Notes how to stop what was not started as a stage.
    private void stopLater() {
        stages.onClose("stop hooks", ClosePhase.HOOKS, () -> hooks.tell(new GatewayStopping("gateway stopping")));
        stages.onClose("clients", ClosePhase.CLIENTS, this::dismissClients);
        stages.onClose("channels", ClosePhase.CHANNELS, () -> conversations.channels.stop());
        stages.onClose("deliveries", ClosePhase.CHANNELS, () -> conversations.deliveries.stop());
        for (ClosePhase phase : List.of(ClosePhase.EARLY, ClosePhase.TIMERS, ClosePhase.EVENTS, ClosePhase.EXPOSURE,
                ClosePhase.DISCOVERY)) {
            stages.onClose("services", phase, () -> services.stop(phase));
        }
    }

    private void dismissClients() {
        talk.broadcaster.publish(CoreEvents.SHUTDOWN, JsonText.of("{\"reason\":\"gateway stopping\"}"));
        talk.connections.closeAll(CloseCode.RESTART, "service restart");
        waitFor(GOODBYE, () -> talk.connections.count() == 0);
    }

    /// Stops: nobody new is admitted, running work may end for a while, then everything is closed phase by phase.
    ///
    /// @return what could not be stopped as it should
    public List<StageException> stop() {
        stopping = true;
        talk.entrance.stopAdmitting();
        talk.dispatcher.drain();
        conversations.runs.pause();
        waitFor(options.drain(), () -> conversations.runs.running() == 0);
        conversations.runs.interrupt();
        List<StageException> failures = stages.stop();
        forgetPlugins();
        stopped.countDown();
        return failures;
    }

    /// Whoever still holds this gateway must not hold the classes of its plugins.
    private void forgetPlugins() {
        plugins.whenToolsChange(_ -> {});
        hooks.replace(List.of());
        conversations.channels.replace(List.of());
        conversations.answerBy(new Engines(List.of()), new Commands(List.of()), new Tools(List.of()));
        talk.chain.replace(new Routes(List.of()));
        talk.dispatcher.replace(new Methods(List.of()));
    }

    private static void waitFor(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        try {
            while (!condition.getAsBoolean() && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        List<StageException> failures = stop();
        if (!failures.isEmpty()) {
            StageException first = failures.getFirst();
            failures.stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
    }

    /// Waits until the gateway has stopped.
    public void await() throws InterruptedException {
        stopped.await();
    }

    // ---- what it is ----

    /// The port it listens on.
    public int port() {
        return ground.port.number();
    }

    /// What a client on this machine connects to.
    public String url() {
        return Listening.url(ground.port, options, ground.config.config());
    }

    /// The file with the generated token; empty if the token or password was given.
    public String tokenFile() {
        return ground.secrets.generated() ? ground.folder.tokenFile().toString() : "";
    }

    /// What is to be logged, if the configuration says so.
    public Optional<String> logLevel() {
        return Optional.ofNullable(ground.config.config().logging()).map(Config.Logging::level);
    }

    /// What became of every plugin jar.
    public List<PluginReport> plugins() {
        return plugins.reports();
    }

    /// How many sockets are connected.
    public int connections() {
        return talk.connections.count();
    }
}
