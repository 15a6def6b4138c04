package dev.chela.runtime.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;

import org.jspecify.annotations.Nullable;

/// The messaging service of the [LineChannel]: it outlives the gateways that log in to it, and keeps the books.
public final class Messenger implements AutoCloseable {

    private final ServerSocket server;
    private final JsonCodec codec = new JsonCodec();
    private final BlockingQueue<Json> received = new LinkedBlockingQueue<>();
    private final List<Json> book = new CopyOnWriteArrayList<>();
    private final BlockingQueue<String> logins = new LinkedBlockingQueue<>();
    private final Map<String, CompletableFuture<Json>> open = new ConcurrentHashMap<>();
    private final Map<String, PrintStream> lines = new ConcurrentHashMap<>();
    private volatile Function<Json, @Nullable Map<String, ?>> answer = Messenger::sent;

    /// A service on a free port.
    public Messenger() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().name("messenger").start(this::listen);
    }

    /// Its port.
    public int port() {
        return server.getLocalPort();
    }

    /// What it says of a message it has taken.
    public static Map<String, ?> sent(Json message) {
        return Map.of("type", "sent", "messageId", "m-" + message.text("id").orElse("").substring(0, 8));
    }

    /// What it says when it wants a message later, or never.
    public static Map<String, ?> refusal(String type, String error) {
        return Map.of("type", type, "error", error);
    }

    /// Changes what it says of messages; null says nothing.
    public void answering(Function<Json, @Nullable Map<String, ?>> how) {
        answer = how;
    }

    private void listen() {
        try {
            while (true) {
                Socket socket = server.accept();
                Thread.ofPlatform().daemon().name("messenger-line").start(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket;
                var in = new BufferedReader(new InputStreamReader(socket.getInputStream(),
                        StandardCharsets.UTF_8));
                var out = new PrintStream(socket.getOutputStream(), true, StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                take(JsonCodec.read(JsonText.of(line)), out);
            }
        } catch (IOException e) {
            // the other end is gone
        }
    }

    private void take(Json message, PrintStream out) {
        String id = message.text("id").orElse("");
        switch (message.text("type").orElse("")) {
            case "login" -> {
                lines.put(message.text("account").orElse(""), out);
                logins.add(message.text("account").orElse(""));
            }
            case "send" -> {
                book.add(message);
                received.add(message);
                Map<String, ?> said = answer.apply(message);
                if (said != null) {
                    Map<String, Object> whole = new LinkedHashMap<>(said);
                    whole.put("id", id);
                    write(out, whole);
                }
            }
            default -> {
                CompletableFuture<Json> waiting = open.remove(id);
                if (waiting != null) {
                    waiting.complete(message);
                }
            }
        }
    }

    private void write(PrintStream out, Map<String, ?> message) {
        synchronized (out) {
            out.print(codec.encode(message) + "\n");
            out.flush();
        }
    }

    /// Waits until an account has logged in.
    public String login() throws InterruptedException {
        String account = logins.poll(TestGateway.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (account == null) {
            throw new AssertionError("nobody logged in");
        }
        return account;
    }

    /// Says something to an account without waiting for what it says.
    public CompletableFuture<Json> begin(String account, Map<String, ?> line) {
        var said = new CompletableFuture<Json>();
        open.put(String.valueOf(line.get("id")), said);
        PrintStream out = lines.get(account);
        if (out == null) {
            throw new AssertionError("account " + account + " has not logged in");
        }
        write(out, line);
        return said;
    }

    /// Tells an account something that it does not answer, such as `break`.
    public void tell(String account, String type) {
        PrintStream out = lines.get(account);
        if (out == null) {
            throw new AssertionError("account " + account + " has not logged in");
        }
        write(out, Map.of("type", type));
    }

    /// Lets somebody write to an account.
    ///
    /// @return what the gateway says: `ack` or `nak`
    public Json message(String account, Map<String, ?> line) throws Exception {
        Map<String, Object> whole = new LinkedHashMap<>(line);
        whole.put("type", "message");
        return await(begin(account, whole));
    }

    private static Json await(CompletableFuture<Json> said) throws ExecutionException, InterruptedException,
            TimeoutException {
        return said.get(TestGateway.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /// The next message the gateway sends.
    public Json next() throws InterruptedException {
        Json message = received.poll(TestGateway.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("nothing was sent");
        }
        return message;
    }

    /// Whether nothing has been sent that was not asked for.
    public boolean isQuiet() {
        return received.isEmpty();
    }

    /// Everything the gateway ever sent.
    public List<Json> book() {
        return List.copyOf(book);
    }

    @Override
    public void close() {
        try {
            server.close();
            lines.values().forEach(PrintStream::close);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
