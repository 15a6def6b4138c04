package dev.chela.plugin.mcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.chela.api.PluginContext;
import dev.chela.api.agent.ToolResult;
import dev.chela.api.json.Json;
import dev.chela.api.json.JsonTexts;

import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator.ValidationResponse;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ListToolsResult;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// One live connection to a server, from its handshake to its end; never used again after that. Calls come from all
/// threads, the rest from the server's own.
final class Connection implements AutoCloseable {

    /// The most tools of one server; what is more is not looked at.
    static final int MAX_TOOLS = 256;
    private static final int MAX_PAGES = 64;
    private static final Duration PING = Duration.ofSeconds(10);
    /// The SDK's own limit only catches what ours did not.
    private static final Duration SPARE = Duration.ofSeconds(5);

    private final Line line;
    private final JsonTexts json;
    private final ServerSettings settings;
    private final BlockingQueue<News> news = new LinkedBlockingQueue<>(16);
    private final CompletableFuture<String> gone;
    private final Tap tap;
    private final McpAsyncClient client;
    private String version = "";

    /// What happens to a connection.
    sealed interface News {

        /// It is over.
        record Gone(String why) implements News {}

        /// The server has other tools.
        enum Changed implements News {
            /// The only one.
            VALUE
        }

        /// Nothing was heard for a while, or something failed: whether it is there must be asked.
        enum Quiet implements News {
            /// The only one.
            VALUE
        }
    }

    private Connection(Line line, ServerSettings settings, PluginContext context) {
        this.line = line;
        this.settings = settings;
        this.json = context.json();
        this.gone = line.gone();
        this.tap = new Tap(line.transport(), new Tap.Told(() -> told(News.Changed.VALUE),
                () -> told(News.Quiet.VALUE)));
        this.client = McpClient.async(tap)
                .clientInfo(McpSchema.Implementation.builder("chela", context.version()).build())
                .requestTimeout(settings.callLimit().plus(SPARE)).initializationTimeout(settings.connectLimit())
                .jsonSchemaValidator((_, _) -> ValidationResponse.asValid("{}")).build();
        var _ = gone.thenRun(client::close); // whoever waits for an answer gets none
        var _ = gone.thenRun(() -> told(News.Quiet.VALUE));
    }

    /// What waits already need not wait twice.
    private void told(News one) {
        if (!news.contains(one)) {
            news.offer(one);
        }
    }

    /// Connects; the handshake is done when this returns.
    static Connection open(String name, ServerSettings settings, PluginContext context)
            throws InterruptedException, McpException {
        Line line = settings.url() == null
                ? StdioLine.open(name, settings, context)
                : HttpLine.open(name, settings, context);
        var connection = new Connection(line, settings, context);
        boolean open = false;
        try {
            connection.version = connection.await(connection.client.initialize(), settings.connectLimit())
                    .protocolVersion();
            open = true;
            return connection;
        } finally {
            if (!open) {
                connection.close();
            }
        }
    }

    /// Waits for something to happen.
    ///
    /// @param quiet how long nothing may happen
    News news(Duration quiet) throws InterruptedException {
        News next = gone.isDone() ? null : news.poll(quiet.toNanos(), TimeUnit.NANOSECONDS);
        if (gone.isDone()) {
            return new News.Gone(gone.join());
        }
        return next == null ? News.Quiet.VALUE : next;
    }

    /// Asks the server whether it is there.
    void ping() throws InterruptedException, McpException {
        await(client.ping(), PING);
    }

    /// All its tools, page by page; none if it has no tools at all.
    List<McpSchema.Tool> tools() throws InterruptedException, McpException {
        List<McpSchema.Tool> all = new ArrayList<>();
        if (client.getServerCapabilities() == null || client.getServerCapabilities().tools() == null) {
            return all;
        }
        Set<String> seen = new HashSet<>();
        @Nullable
        String cursor = McpSchema.FIRST_PAGE;
        do {
            ListToolsResult page = await(client.listTools(cursor), settings.connectLimit());
            all.addAll(page.tools());
            cursor = page.nextCursor();
        } while (cursor != null && !cursor.isEmpty() && all.size() < MAX_TOOLS && seen.size() < MAX_PAGES
                && seen.add(cursor));
        return all.size() > MAX_TOOLS ? all.subList(0, MAX_TOOLS) : all;
    }

    /// Calls a tool and waits; an interruption tells the server that nobody does any more.
    ToolResult call(String tool, Json arguments) throws InterruptedException, McpException {
        @SuppressWarnings("unchecked") // an object has members with names
        var members = (Map<String, Object>) arguments.plain();
        var request = new CallToolRequest(tool, members, null);
        boolean answered = false;
        try {
            CallToolResult result = await(client.callTool(request), settings.callLimit().plus(SPARE));
            answered = true;
            return Contents.of(result, json);
        } catch (McpException e) {
            answered = !(e.getCause() instanceof TimeoutException);
            throw e;
        } finally {
            if (answered) {
                tap.ended(request);
            } else {
                tap.cancel(request, version);
            }
        }
    }

    private <T> T await(Mono<T> asked, Duration limit) throws InterruptedException, McpException {
        CompletableFuture<T> answer = asked.toFuture();
        try {
            return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | CancellationException e) {
            throw Failures.of(e, () -> gone.isDone()
                    ? gone.join()
                    : "the session with it broke; it is begun anew");
        } catch (TimeoutException e) {
            throw new McpException("it did not answer within " + limit.toSeconds() + " s", e);
        } finally {
            answer.cancel(true);
        }
    }

    /// Gives it up, for all who wait for something.
    void giveUp(String why) {
        gone.complete(why);
    }

    @Override
    public void close() {
        gone.complete("the connection is closed");
        line.close();
    }
}
