package dev.chela.runtime.connection;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import dev.chela.api.rpc.Caller;
import dev.chela.runtime.auth.Ingress;
import dev.chela.runtime.dispatch.Line;
import dev.chela.runtime.event.Handle;
import dev.chela.runtime.event.Handles;
import dev.chela.runtime.event.Interests;
import dev.chela.runtime.event.Listener;
import dev.chela.runtime.event.News;
import dev.chela.runtime.event.Offer;
import dev.chela.runtime.event.Outlet;
import dev.chela.runtime.event.Subscriber;
import dev.chela.runtime.json.BindException;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.protocol.ConnectParams;
import dev.chela.runtime.protocol.Dialect;
import dev.chela.runtime.protocol.Failure;
import dev.chela.runtime.protocol.FrameReader;
import dev.chela.runtime.protocol.FrameWriter;
import dev.chela.runtime.protocol.Hello;
import dev.chela.runtime.protocol.Incoming;
import dev.chela.runtime.protocol.Limits;
import dev.chela.runtime.websocket.CloseCode;
import dev.chela.runtime.websocket.Frames;

import org.jspecify.annotations.Nullable;

/// One client on the line: awaiting hello, then open, then closed.
///
/// Messages come from the socket's thread and are worked off one after the other by a drainer; everything else may be
/// called by any thread.
public final class Connection implements Outlet, Line {

    private static final int MAX_WRONG_ROLE = 10;
    private static final JsonCodec CODEC = new JsonCodec();

    private final String id = UUID.randomUUID().toString();
    private final String nonce = UUID.randomUUID().toString();
    private final Ingress ingress;
    private final Connections home;
    private final Wire wire;
    private final Outbox outbox;
    private final Inbox inbox;
    private final Set<Runnable> partings = ConcurrentHashMap.newKeySet();
    private final Listener listener = new Listener(id, this);

    private volatile @Nullable Guest guest;
    private volatile @Nullable Handle handle;
    private volatile boolean closed;
    private volatile boolean revoked;
    private volatile boolean gone;
    private int beforeHello;
    private final AtomicInteger wrongRole = new AtomicInteger();
    private volatile long pingSince;
    private volatile boolean awaitsPong;
    private long sentBefore;

    /// Who came in.
    private record Guest(Dialect dialect, Caller caller, Set<String> caps, @Nullable String presenceKey) {}

    Connection(Ingress ingress, Connections home, Wire wire, Outbox outbox) {
        this.ingress = ingress;
        this.home = home;
        this.wire = wire;
        this.outbox = outbox;
        this.inbox = new Inbox(this::handle, this::settle, wire, home.threads());
        this.pingSince = home.clock().millis();
    }

    /// Sends the challenge; the first thing a client gets.
    void greet() {
        outbox.respond(FrameWriter.challenge(nonce, home.clock().millis()));
        wire.flush();
    }

    /// Takes a message from the socket's thread.
    public void received(byte[] message) {
        if (closed) {
            return; // the goodbye is on its way; what still comes is thrown away
        } else if (guest == null && ++beforeHello > 1 + Limits.PIPELINED_HANDSHAKE) {
            close(CloseCode.POLICY, "too many pending handshake frames");
            return;
        }
        inbox.add(message);
    }

    /// Takes a ping from the socket's thread.
    public void pinged(byte[] payload) {
        outbox.pong(payload);
        wire.flush();
    }

    /// Takes a pong from the socket's thread; one that nobody asked for costs nothing.
    public void ponged() {
        if (!awaitsPong) {
            return;
        }
        pingSince = home.clock().millis();
        awaitsPong = false;
        Guest current = guest;
        if (current != null && current.presenceKey() != null) {
            home.presence().touch(current.presenceKey());
        }
    }

    /// The socket is gone.
    public void gone() {
        closed = true;
        gone = true;
        inbox.stop();
        outbox.discard();
        letGo(handle);
        Guest current = guest;
        home.forget(this, current == null ? null : current.presenceKey());
        partings.forEach(this::part);
    }

    /// Says goodbye.
    public void close(int code, String reason) {
        leave(code, reason, outbox::end);
    }

    /// Ends a connection whose peer does not read.
    void evict() {
        leave(CloseCode.POLICY, "slow consumer", outbox::cutShort);
    }

    private void leave(int code, String reason, Consumer<byte[]> goodbye) {
        if (!closed) {
            revoked = code == CloseCode.AUTHORITY_WITHDRAWN;
            closed = true;
            inbox.stop();
            goodbye.accept(Frames.close(code, reason));
            wire.finish();
            letGo(handle);
        }
    }

    /// What comes from now on is kept for the client's next connection, unless it may not come back.
    private void letGo(@Nullable Handle own) {
        if (own != null && revoked) {
            own.revoke(this);
        } else if (own != null) {
            own.detach(this);
        }
    }

    /// Ends a handshake that took too long; the official servers give no reason either.
    public void handshakeExpired() {
        if (guest == null) {
            close(CloseCode.NORMAL, "");
        }
    }

    /// Pings, or cuts off a peer that did not answer the last ping in time.
    void keepAlive(long now) {
        if (guest == null || closed) {
            return;
        }
        long patience = home.limits().ping().toMillis();
        boolean late = now - pingSince > patience;
        if (awaitsPong && isExcused()) {
            pingSince = now;
        } else if (awaitsPong && late) {
            close(CloseCode.POLICY, "no pong");
        } else if (!awaitsPong && now - pingSince >= patience) {
            awaitsPong = true;
            pingSince = now;
            outbox.ping();
            wire.flushSoon();
        }
    }

    /// Nobody can answer a ping that is still on its way out behind something large, and we do not hear who answers while
    /// we do not read.
    private boolean isExcused() {
        long sent = outbox.sent();
        boolean moves = sent != sentBefore;
        sentBefore = sent;
        return inbox.isPaused() || (moves && outbox.isPinging());
    }

    Listener listener() {
        return listener;
    }

    /// What waits to be sent.
    public Outbox outbox() {
        return outbox;
    }

    /// Where the client comes from.
    public Ingress ingress() {
        return ingress;
    }

    /// Whether the handshake is done.
    public boolean isOpen() {
        return guest != null && !closed;
    }

    // ---- one message after the other, on a drainer ----

    /// Whatever goes wrong in here that nobody foresaw ends this connection, and no other.
    private void handle(byte[] message) {
        boolean done = closed;
        try {
            if (!done) {
                work(message);
                done = true;
            }
        } finally {
            if (!done) {
                close(CloseCode.INTERNAL, "internal error");
            }
        }
    }

    private void work(byte[] message) {
        Guest current = guest;
        if (current == null) {
            handshake(FrameReader.read(message));
            return;
        }
        switch (FrameReader.read(message)) {
            case Incoming.Request request when request.method().equals("connect") -> respond(FrameWriter.failure(
                    request.id(), Failure.invalid("connect is only valid as the first request")));
            case Incoming.Request request -> home.dispatcher().dispatch(request, this);
            case Incoming.NoRequest(var badId, String problems) -> respond(FrameWriter.failure(badId,
                    Failure.invalid("invalid request frame: " + problems), null));
            case Incoming.Garbage _ -> {
            }
        }
    }

    private void handshake(Incoming first) {
        switch (first) {
            case Incoming.Garbage _ -> close(CloseCode.NORMAL, "");
            case Incoming.NoRequest _ -> close(CloseCode.POLICY, "invalid request frame");
            case Incoming.Request request when !request.method().equals("connect") -> refuse(request.id(),
                    Failure.invalid("invalid handshake: first request must be connect"));
            case Incoming.Request request -> connect(request);
        }
    }

    private void connect(Incoming.Request request) {
        ConnectParams params;
        try {
            params = CODEC.bind(request.params(), ConnectParams.class);
        } catch (BindException e) {
            refuse(request.id(), Failure.invalid("invalid connect params: " + e.forClient()));
            return;
        }
        if (params.role().equals("worker") || params.client().id().equals("openclaw-worker")
                || params.client().mode().equals("worker")) {
            close(CloseCode.POLICY, "invalid-handshake");
            return;
        }
        switch (home.handshake().decide(params, ingress, nonce)) {
            case Handshake.Outcome.Refused(Failure failure, int code, String reason) -> {
                respond(FrameWriter.failure(request.id(), failure));
                close(code, reason);
            }
            case Handshake.Outcome.Welcome welcome -> welcome(request.id(), params, welcome);
        }
    }

    private void welcome(String requestId, ConnectParams params, Handshake.Outcome.Welcome welcome) {
        Set<String> caps = Set.copyOf(params.caps());
        var viewer = new Interests.Viewer(welcome.caller(), welcome.dialect(), caps);
        String key = home.presenceKey(welcome.dialect(), params, id);
        guest = new Guest(welcome.dialect(), welcome.caller(), caps, key);
        wire.limit(home.limits().frame());
        if (params.asksToResume()) {
            home.opened(this, params, key);
            handle = home.handles().admit(new Handles.Arrival(viewer, params.resume()), this,
                    resume -> greet(requestId, welcome, home.hello(welcome.deviceProven()).with(resume)));
            home.watchBudget();
        } else {
            listener.hold(viewer);
            home.listen(listener);
            home.opened(this, params, key);
            greet(requestId, welcome, home.hello(welcome.deviceProven()));
            listener.release();
        }
        if (closed) {
            letGo(handle);
        }
        if (gone) {
            home.forget(this, key); // the socket went while we decided, and nobody will tell us again
        }
    }

    private void greet(String requestId, Handshake.Outcome.Welcome welcome, Hello.Parts parts) {
        outbox.respond(FrameWriter.success(requestId, Hello.write(welcome.dialect(), id, welcome.caller(), parts)));
    }

    private void refuse(String requestId, Failure failure) {
        respond(FrameWriter.failure(requestId, failure));
        close(CloseCode.POLICY, failure.message());
    }

    /// The end of a burst: one flush for all replies, and no more requests while the peer does not read.
    private boolean settle() {
        wire.flush();
        return !outbox.isCongested();
    }

    // ---- Line ----

    @Override
    public String id() {
        return id;
    }

    @Override
    public Caller caller() {
        return guest().caller();
    }

    @Override
    public Dialect dialect() {
        return guest().dialect();
    }

    @Override
    public Set<String> caps() {
        return guest().caps();
    }

    private Guest guest() {
        Guest current = guest;
        if (current == null) {
            throw new IllegalStateException("nobody came in yet");
        }
        return current;
    }

    @Override
    public Runnable whenGone(Runnable action) {
        partings.add(action);
        if (gone) {
            part(action);
        }
        return () -> partings.remove(action);
    }

    private void part(Runnable action) {
        if (partings.remove(action)) {
            action.run();
        }
    }

    @Override
    public Subscriber subscriber() {
        Handle own = handle;
        return own == null ? listener : own;
    }

    @Override
    public void respond(byte[] frame) {
        wrongRole.set(0);
        send(frame);
    }

    @Override
    public void refuse(byte[] frame) {
        send(frame);
        if (wrongRole.incrementAndGet() > MAX_WRONG_ROLE) {
            close(CloseCode.POLICY, "repeated unauthorized calls");
        }
    }

    private void send(byte[] frame) {
        outbox.respond(frame);
        if (!inbox.isDrainedBy(Thread.currentThread())) {
            wire.flushSoon();
        }
        home.watchBudget();
    }

    @Override
    public void began(int bytes) {
        inbox.began(bytes);
    }

    @Override
    public void ended(int bytes) {
        inbox.ended(bytes);
    }

    /// Called by the writer when something has left: a peer that reads again may ask again.
    public void relieved() {
        if (!outbox.isCongested()) {
            inbox.resume();
        }
    }

    // ---- Outlet ----

    @Override
    public Offer offer(News news, long offset) {
        return outbox.offer(news, offset);
    }

    @Override
    public void replay(News news, long offset) {
        outbox.replay(news, offset);
    }

    @Override
    public void offered(Offer offer) {
        switch (offer) {
            case QUEUED -> {
                wire.flushSoon();
                home.watchBudget();
            }
            case OVERFLOW -> evict();
            case DROPPED, CLOSED -> {
            }
        }
    }

    @Override
    public void superseded() {
        leave(CloseCode.POLICY, "resumed by another connection", outbox::cutShort);
    }
}
