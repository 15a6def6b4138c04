package dev.chela.runtime.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;

/// One client of a gateway. An end that nobody asked for ends the whole measurement. On the loop's thread only.
final class Peer implements Link.Owner {

    private static final byte[] CHALLENGE = Envelope.ascii("connect.challenge");
    private static final byte[] REQUEST = Envelope.ascii("{\"type\":\"req\",\"id\":\"");

    /// Whoever uses a peer.
    interface User {

        /// The handshake is done.
        default void ready(Peer peer) {}

        /// A call is answered; the bytes are valid during the call only.
        default void reply(Peer peer, long id, boolean ok, byte[] bytes, int from, int to) {}

        /// An event came; [Loop#envelope] knows its name, the bytes are valid during the call only.
        default void event(Peer peer, byte[] bytes, int from, int to) {}

        /// The end that was asked for.
        default void closed(Peer peer) {}
    }

    private final Loop loop;
    private final Subject subject;
    private final Optional<Device> device;
    private User user;
    private final Link link;
    private final long startedAt = System.nanoTime();
    private boolean ready;
    private boolean leaving;
    private int helloBytes;

    private Peer(Loop loop, Subject subject, Optional<Device> device, User user) {
        this.loop = loop;
        this.subject = subject;
        this.device = device;
        this.user = user;
        this.link = new Link(loop, subject.uri(), this);
    }

    /// Hands out devices as the credentials say.
    static final class Keys {

        private final Credentials credentials;
        private final Optional<Device> shared;

        Keys(Credentials credentials) {
            this.credentials = credentials;
            this.shared = credentials.device() == Credentials.DeviceUse.SHARED
                    ? Optional.of(new Device())
                    : Optional.empty();
        }

        private Optional<Device> next() {
            return credentials.device() == Credentials.DeviceUse.UNIQUE ? Optional.of(new Device()) : shared;
        }
    }

    /// Begins to connect.
    static Peer open(Loop loop, Subject subject, Keys keys, User user) {
        var peer = new Peer(loop, subject, keys.next(), user);
        peer.link.open(subject.address());
        loop.after(Loop.PATIENCE, () -> {
            if (!peer.ready && !peer.leaving) {
                peer.fail("no hello-ok within " + Loop.PATIENCE.toSeconds() + " s");
            }
        });
        return peer;
    }

    /// Connects many, a few at a time, and waits until all are in.
    static List<Peer> openAll(Loop loop, Subject subject, Keys keys, Crowd crowd)
            throws BenchException, InterruptedException {
        List<Peer> all = new ArrayList<>(crowd.count());
        if (crowd.count() == 0) {
            return all;
        }
        CompletableFuture<List<Peer>> done = new CompletableFuture<>();
        var opener = new User() {

            private int begun;

            void next() {
                if (begun < crowd.count()) {
                    begun++;
                    open(loop, subject, keys, this);
                }
            }

            @Override
            public void ready(Peer peer) {
                all.add(peer);
                if (all.size() == crowd.count()) {
                    done.complete(all);
                }
                next();
            }
        };
        loop.execute(() -> {
            for (int i = 0; i < crowd.parallel(); i++) {
                opener.next();
            }
        });
        return loop.await(done, Loop.PATIENCE.plusMillis(20L * crowd.count()), "not all of " + crowd.count()
                + " clients got in in time");
    }

    /// From now on somebody else is told what comes.
    void use(User other) {
        user = other;
    }

    /// How many clients, and how many of them shake hands at once.
    record Crowd(int count, int parallel) {}

    /// When it began to connect.
    long startedAt() {
        return startedAt;
    }

    /// How large the gateway's hello was.
    int helloBytes() {
        return helloBytes;
    }

    /// Calls a method.
    ///
    /// @param rest everything behind the id, see [#rest]
    void call(long id, byte[] rest) {
        link.send(REQUEST, Envelope.ascii(Long.toString(id)), rest);
    }

    /// What follows a request's id.
    static byte[] rest(String method, String params) {
        return JsonText.of("\",\"method\":" + new JsonCodec().encode(method) + ",\"params\":" + params + "}").bytes();
    }

    /// Reads nothing more; how that ends is up to the server, and nobody learns it.
    void deafen() {
        leaving = true;
        link.deafen();
    }

    /// Says goodbye.
    void close() {
        leaving = true;
        link.close();
    }

    @Override
    public void message(byte[] bytes, int from, int to) {
        Envelope envelope = loop.envelope();
        envelope.read(bytes, from, to);
        if (ready) {
            if (envelope.isResponse()) {
                user.reply(this, envelope.id(), envelope.ok(), bytes, from, to);
            } else {
                user.event(this, bytes, from, to);
            }
        } else if (envelope.isEvent(CHALLENGE)) {
            Json challenge = json(bytes, from, to).at("payload").orElse(Json.Null.VALUE);
            link.send(subject.credentials().connect(device, challenge.text("nonce").orElse(""),
                    challenge.whole("ts").orElseGet(System::currentTimeMillis)));
        } else if (envelope.isResponse() && envelope.ok()) {
            ready = true;
            helloBytes = to - from;
            user.ready(this);
        } else if (envelope.isResponse()) {
            fail(error(bytes, from, to));
        }
    }

    /// What a failed response says.
    static String error(byte[] bytes, int from, int to) {
        Json error = json(bytes, from, to).at("error").orElse(Json.Null.VALUE);
        return error.text("code").orElse("no code") + ": " + error.text("message").orElse("no message");
    }

    private static Json json(byte[] bytes, int from, int to) {
        try {
            return JsonCodec.read(JsonText.of(Arrays.copyOfRange(bytes, from, to)));
        } catch (IllegalArgumentException e) {
            return Json.Null.VALUE;
        }
    }

    /// Ends the whole measurement.
    void fail(String why) {
        loop.fail(subject.uri() + ": " + why);
    }

    @Override
    public void closed(String why) {
        if (leaving) {
            user.closed(this);
        } else {
            fail((ready ? "" : "no handshake: ") + why);
        }
    }
}
