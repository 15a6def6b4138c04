package dev.chela.runtime.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

import dev.chela.api.json.Json;
import dev.chela.runtime.Gateway;
import dev.chela.runtime.Options;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.client.Identity;
import dev.chela.runtime.log.ConsoleLog;

/// A real gateway on a free port, with the scripted engine, and clients of it.
public final class TestGateway implements AutoCloseable {

    /// What its clients must know.
    public static final String TOKEN = "test-token-0123456789";
    /// How long anything may take before a test fails.
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Gateway gateway;

    private TestGateway(Gateway gateway) {
        this.gateway = gateway;
    }

    /// Starts one in a folder.
    public static TestGateway start(Path folder) {
        return start(folder, options -> options);
    }

    /// Starts one in a folder with other options.
    public static TestGateway start(Path folder, UnaryOperator<Options> change) {
        Scripted.writeTo(folder.resolve("bundled"));
        return startAsItIs(folder, change);
    }

    /// Starts one with a built plugin jar instead of the scripted engine.
    public static TestGateway startWith(Path jar, Path folder, UnaryOperator<Options> change) {
        try {
            Path bundled = Files.createDirectories(folder.resolve("bundled"));
            Files.copy(jar, bundled.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return startAsItIs(folder, change);
    }

    private static TestGateway startAsItIs(Path folder, UnaryOperator<Options> change) {
        ConsoleLog.hushLibraries();
        Options options = Options.in(folder.resolve("state")).onPort(0).withToken(TOKEN)
                .withBundled(folder.resolve("bundled")).withEnvironment(Map.of());
        return new TestGateway(Gateway.start(change.apply(options)));
    }

    /// The gateway itself.
    public Gateway gateway() {
        return gateway;
    }

    /// Its port.
    public int port() {
        return gateway.port();
    }

    /// Its address.
    public URI uri() {
        return URI.create(gateway.url());
    }

    /// A client that may do everything.
    public Client admin() throws ClientException, InterruptedException {
        return connect(Identity.cli(TOKEN, null));
    }

    /// A client that may do some things.
    public Client with(String... scopes) throws ClientException, InterruptedException {
        return connect(Identity.cli(TOKEN, null).asking(List.of(scopes)));
    }

    /// A client with an identity of its own.
    public Client connect(Identity identity) throws ClientException, InterruptedException {
        var events = new LinkedBlockingQueue<Event>();
        GatewayClient client = GatewayClient.connect(uri(), identity, PATIENCE,
                (name, payload) -> events.add(new Event(name, payload)));
        return new Client(client, events);
    }

    /// Writes a text file, making its folder.
    public static Path write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    @Override
    public void close() {
        gateway.close();
    }

    /// An event a client got.
    public record Event(String name, Json payload) {

        /// A text member of the payload; empty if there is none.
        public String text(String member) {
            return payload.text(member).orElse("");
        }
    }

    /// A connected client and the events it gets.
    public record Client(GatewayClient client, BlockingQueue<Event> events) implements AutoCloseable {

        /// Calls a method.
        public Json call(String method, Map<String, ?> params) throws ClientException, InterruptedException {
            return client.call(method, Json.of(params), PATIENCE);
        }

        /// Calls a method without params.
        public Json call(String method) throws ClientException, InterruptedException {
            return call(method, Map.of());
        }

        /// Calls a method that must fail.
        public ClientException refused(String method, Map<String, ?> params) throws InterruptedException {
            try {
                Json answer = call(method, params);
                throw new AssertionError(method + " was answered with " + answer);
            } catch (ClientException e) {
                return e;
            }
        }

        /// Waits for an event.
        public Event await(String name, Predicate<Event> which) throws InterruptedException {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < end) {
                Event event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (event != null && event.name().equals(name) && which.test(event)) {
                    return event;
                }
            }
            throw new AssertionError("no event " + name + " came");
        }

        /// Waits for an event of a name.
        public Event await(String name) throws InterruptedException {
            return await(name, event -> true);
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
