package dev.chela.runtime.connection;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

import dev.chela.api.rpc.Role;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.auth.Ingress;
import dev.chela.runtime.dispatch.Dispatcher;
import dev.chela.runtime.event.Broadcaster;
import dev.chela.runtime.event.CoreEvents;
import dev.chela.runtime.event.Handles;
import dev.chela.runtime.event.Listener;
import dev.chela.runtime.json.JsonBuffer;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.protocol.ConnectParams;
import dev.chela.runtime.protocol.Dialect;
import dev.chela.runtime.protocol.Hello;
import dev.chela.runtime.protocol.Limits;

import org.jspecify.annotations.Nullable;

/// All connections of the gateway, and what they share. Safe for all threads.
public final class Connections {

    private static final Map<Dialect, Set<String>> UNTRACKED = Map.of(Dialect.V3, Set.of("cli"), Dialect.V4,
            Set.of("cli", "backend", "probe"));
    /// Changes of presence within this time are told once.
    private static final Duration PRESENCE_PAUSE = Duration.ofMillis(500);

    private final Parts parts;
    private final OutboxBudget budget;
    private final Map<String, Connection> all = new ConcurrentHashMap<>();
    private final AtomicBoolean presenceDue = new AtomicBoolean();
    private final AtomicBoolean evicting = new AtomicBoolean();

    /// What connections stand on.
    ///
    /// @param stateVersion gives the current `{"presence":…,"health":…}` for a presence version
    /// @param hello everything a hello is made of, for a client that proved its device or did not
    public record Parts(CoreThreads threads, InstantSource clock, Limits limits, Handshake handshake,
            Dispatcher dispatcher, Broadcaster broadcaster, Presence presence, Handles handles,
            Function<Boolean, Hello.Parts> hello, Function<Long, JsonText> stateVersion) {}

    /// No connection yet.
    public Connections(Parts parts) {
        this.parts = parts;
        this.budget = new OutboxBudget(parts.limits().allOutboxes());
        parts.handles().serve(parts.broadcaster(), parts.clock());
        parts.threads().every(Duration.ofSeconds(1), this::keepAlive);
    }

    /// An outbox for a new connection.
    public Outbox newOutbox() {
        return new Outbox(parts.limits().outbox(), budget);
    }

    /// Takes a new socket in.
    public Connection accept(Ingress ingress, Wire wire, Outbox outbox) {
        var connection = new Connection(ingress, this, wire, outbox);
        all.put(connection.id(), connection);
        return connection;
    }

    /// Starts talking to it; everything is in place.
    public void greet(Connection connection) {
        connection.greet();
    }

    /// How many sockets there are.
    public int count() {
        return all.size();
    }

    /// How many of them have said hello.
    public int open() {
        return (int) all.values().stream().filter(Connection::isOpen).count();
    }

    /// Says goodbye to all.
    public void closeAll(int code, String reason) {
        all.values().forEach(connection -> connection.close(code, reason));
    }

    /// The limits of every connection.
    public Limits limits() {
        return parts.limits();
    }

    CoreThreads threads() {
        return parts.threads();
    }

    InstantSource clock() {
        return parts.clock();
    }

    Handshake handshake() {
        return parts.handshake();
    }

    Dispatcher dispatcher() {
        return parts.dispatcher();
    }

    Presence presence() {
        return parts.presence();
    }

    Handles handles() {
        return parts.handles();
    }

    Hello.Parts hello(boolean deviceProven) {
        return parts.hello().apply(deviceProven);
    }

    /// The name a client has in the presence list; null if it is not shown there. In protocol 4 two windows of one
    /// operator's device are two entries: the end of one must not read as the end of both.
    @Nullable
    String presenceKey(Dialect dialect, ConnectParams params, String connectionId) {
        if (UNTRACKED.getOrDefault(dialect, Set.of()).contains(params.client().mode())) {
            return null;
        } else if (dialect == Dialect.V4 && params.role().equals(Role.OPERATOR.name())) {
            return connectionId;
        } else if (params.device() != null) {
            return params.device().id();
        }
        return params.client().instanceId() == null ? connectionId : params.client().instanceId();
    }

    void listen(Listener listener) {
        parts.broadcaster().add(listener);
    }

    void opened(Connection connection, ConnectParams params, @Nullable String presenceKey) {
        if (presenceKey != null) {
            parts.presence().put(presenceKey, entry(connection, params));
            presenceChanged();
        }
    }

    private Presence.Entry entry(Connection connection, ConnectParams params) {
        ConnectParams.Client client = params.client();
        String host = client.displayName() == null ? client.id() : client.displayName();
        String ip = connection.ingress().isLocalDirect() ? null : connection.ingress().peerText();
        String text = host + " · app " + client.version() + " · mode " + client.mode() + " · reason connect";
        List<String> scopes = connection.caller().scopes().stream().map(Scope::name).sorted().toList();
        return new Presence.Entry(host, ip, client.version(), client.platform(), client.deviceFamily(),
                client.modelIdentifier(), client.mode(), null, "connect", text, parts.clock().millis(),
                params.device() == null ? null : params.device().id(), List.of(params.role()), scopes,
                client.instanceId(), null);
    }

    void forget(Connection connection, @Nullable String presenceKey) {
        all.remove(connection.id(), connection);
        parts.broadcaster().remove(connection.listener());
        if (presenceKey != null) {
            parts.presence().left(presenceKey);
            presenceChanged();
        }
    }

    /// Lets everybody know that the presence list changed, soon and once for many changes: thousands of clients that
    /// come at once must not mean thousands of events for each of them.
    public void presenceChanged() {
        if (presenceDue.compareAndSet(false, true)) {
            var _ = parts.threads().after(PRESENCE_PAUSE, () -> {
                presenceDue.set(false);
                parts.threads().drainers().execute(this::tellPresence);
            });
        }
    }

    private void tellPresence() {
        JsonText list = parts.presence().list();
        byte[] payload = new JsonBuffer(list.length() + 16).raw("{\"presence\":").raw(list).raw("}").toBytes();
        parts.broadcaster().publish(CoreEvents.PRESENCE, JsonText.of(payload),
                parts.stateVersion().apply(parts.presence().version()));
    }

    private void keepAlive() {
        long now = parts.clock().millis();
        all.values().forEach(connection -> connection.keepAlive(now));
        parts.handles().sweep();
    }

    /// If all outboxes together hold too much, the largest goes.
    void watchBudget() {
        if (budget.isExceeded() && evicting.compareAndSet(false, true)) {
            parts.threads().drainers().execute(() -> {
                all.values().stream().max(Comparator.comparingLong(connection -> connection.outbox().bytes()))
                        .ifPresent(Connection::evict);
                evicting.set(false);
            });
        }
    }
}
