package dev.chela.plugin.mcp;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

import dev.chela.api.PluginContext;

import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import reactor.core.publisher.Mono;

/// A server that is a program: a message a line on its input and output. The SDK's own transport ends at the first line
/// that is no message, and leaves alive what the program has started; this one does neither.
final class StdioLine implements Line, McpClientTransport {

    /// The largest message of a server, in bytes.
    static final int MAX_MESSAGE = 8 << 20;
    /// A program that does not read is told no more than this.
    private static final int MAX_WAITING = 64;

    private final String name;
    private final System.Logger log;
    private final McpJsonMapper json;
    private final Child child;
    private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final CompletableFuture<String> gone = new CompletableFuture<>();
    private boolean warned;

    private StdioLine(String name, Child child, PluginContext context) {
        this.name = name;
        this.child = child;
        this.log = context.log();
        this.json = new SchemaJson(context.json());
    }

    static StdioLine open(String name, ServerSettings settings, PluginContext context) throws McpException {
        var line = new StdioLine(name, Child.start(settings, context.environment()), context);
        var errors = new ErrorOutput(name, line.child.process().getErrorStream(), context.log());
        thread("mcp " + name + " errors", errors);
        Thread writer = thread("mcp " + name + " out", line::write);
        var _ = line.gone.thenRun(writer::interrupt);
        return line;
    }

    /// Reading from a pipe keeps the thread that carries a virtual one, so these are none.
    private static Thread thread(String name, Runnable work) {
        return Thread.ofPlatform().daemon().name(name).start(work);
    }

    @Override
    public McpClientTransport transport() {
        return this;
    }

    @Override
    public CompletableFuture<String> gone() {
        return gone;
    }

    @Override
    public void close() {
        gone.complete("the connection is closed");
        child.end();
    }

    // ---- what the SDK wants ----

    @Override
    public Mono<Void> connect(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler) {
        return Mono.fromRunnable(() -> thread("mcp " + name + " in", () -> read(handler)));
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message) {
        return Mono.fromCallable(() -> {
            String text = json.writeValueAsString(message);
            if (gone.isDone()) {
                throw new McpException(gone.join());
            } else if (!waiting.offer(text)) {
                throw new McpException("it does not read what it is told");
            }
            return text;
        }).then();
    }

    @Override
    public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
        return json.convertValue(data, type);
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.empty(); // whoever opened it closes it
    }

    // ---- threads of its own ----

    private void write() {
        OutputStream out = child.process().getOutputStream(); // closed with the program, not before
        try {
            while (!gone.isDone()) {
                out.write((waiting.take() + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            gone.complete(child.ending()); // it does not listen any more
        }
    }

    private void read(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler) {
        try {
            var lines = new Lines(child.process().getInputStream(), MAX_MESSAGE);
            for (String line = lines.next(); line != null; line = lines.next()) {
                if (!line.isBlank()) {
                    take(line, handler);
                }
            }
            gone.complete(child.ending());
        } catch (Lines.TooLong e) {
            gone.complete("it sent a message of more than " + (MAX_MESSAGE >> 20) + " MiB");
        } catch (IOException e) {
            gone.complete(child.ending());
        }
    }

    private void take(String line, Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler) {
        JSONRPCMessage message;
        try {
            message = McpSchema.deserializeJsonRpcMessage(json, line);
        } catch (IOException | IllegalArgumentException | NullPointerException e) {
            if (!warned) {
                warned = true;
                log.log(Level.WARNING, "MCP server '" + name + "' writes lines to its output that are no messages; they"
                        + " are passed over");
            }
            return;
        }
        child.glance();
        handler.apply(Mono.just(message)).subscribe(_ -> {},
                failure -> log.log(Level.DEBUG, "a message of MCP server '" + name + "' could not be used", failure));
    }
}
