package dev.chela.plugin.mcp;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.chela.api.HealthProbe.Health;
import dev.chela.api.PluginContext;
import dev.chela.api.agent.Tool;
import dev.chela.api.agent.ToolResult;
import dev.chela.api.agent.ToolShelf;
import dev.chela.api.json.Json;

import io.modelcontextprotocol.spec.McpSchema;
import org.jspecify.annotations.Nullable;

/// One configured server, kept connected by a thread of its own: whatever ends the connection, another one is made after a
/// while. Its tools stay on the shelf meanwhile, for a call of one says what is wrong.
final class Server {

    /// How often a server that says nothing is asked whether it is there.
    private static final Duration QUIET = Duration.ofSeconds(60);

    private final String name;
    private final ServerSettings settings;
    private final ToolShelf shelf;
    private final PluginContext context;
    private final System.Logger log;
    private final Backoff backoff = new Backoff();
    private volatile @Nullable Connection connection;
    private volatile String trouble = "it is being started";
    private volatile int offered;
    private volatile int leftOut;
    private volatile boolean stopped;
    private String logged = "";
    private @Nullable Thread thread;

    Server(String name, ServerSettings settings, ToolShelf shelf, PluginContext context) {
        this.name = name;
        this.settings = settings;
        this.shelf = shelf;
        this.context = context;
        this.log = context.log();
    }

    void start() {
        thread = Thread.ofVirtual().name("mcp " + name).start(this::run);
    }

    void stop() {
        stopped = true;
        if (thread != null) {
            thread.interrupt();
        }
    }

    void awaitEnd(Duration limit) throws InterruptedException {
        if (thread != null && !thread.join(limit)) {
            log.log(Level.WARNING, "MCP server '" + name + "' does not stop");
        }
    }

    // ---- on its own thread ----

    private void run() {
        while (!stopped) {
            long begun = System.nanoTime();
            String why = "it is stopped";
            try {
                why = connected();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (McpException e) {
                why = e.reason();
            } catch (RuntimeException e) {
                why = "something went wrong here; the gateway's log says what";
                log.log(Level.ERROR, "MCP server '" + name + "'", e);
            }
            if (stopped || Thread.currentThread().isInterrupted()) {
                return;
            }
            if (!why.equals(logged)) {
                log.log(Level.WARNING, "MCP server '" + name + "': " + why);
            }
            logged = why;
            trouble = why;
            if (!backoff.await(Duration.ofNanos(System.nanoTime() - begun))) {
                return;
            }
        }
    }

    /// Connects and stays so.
    ///
    /// @return why that ended
    private String connected() throws InterruptedException, McpException {
        try (Connection made = Connection.open(name, settings, context)) {
            connection = made; // before anybody can see its tools
            try {
                offer(made);
                log.log(Level.INFO, "MCP server '" + name + "' is connected, with " + offered + " tools");
                logged = "";
                return lasting(made);
            } catch (McpException e) {
                made.giveUp(e.reason());
                throw e;
            }
        } finally {
            connection = null;
        }
    }

    private String lasting(Connection made) throws InterruptedException, McpException {
        while (true) {
            switch (made.news(QUIET)) {
                case Connection.News.Gone(String why) -> {
                    return why;
                }
                case Connection.News.Changed _ -> offer(made);
                case Connection.News.Quiet _ -> made.ping();
            }
        }
    }

    private void offer(Connection from) throws InterruptedException, McpException {
        List<Tool<Json>> tools = new ArrayList<>();
        for (McpSchema.Tool one : from.tools()) {
            if (settings.offers(one.name())) {
                tools.add(tool(one));
            }
        }
        List<String> flaws = shelf.offer(tools);
        leftOut = flaws.size();
        offered = tools.size() - flaws.size();
    }

    private Tool<Json> tool(McpSchema.Tool one) {
        return Tool.of(ToolNames.of(name, one.name()), ToolNames.description(name, one),
                Json.of(one.inputSchema()), (arguments, call) -> call(one.name(), arguments))
                .within(settings.callLimit()).from(new Tool.Origin(Tool.Origin.MCP, name, one.name()));
    }

    // ---- for those who call ----

    private ToolResult call(String tool, Json arguments) throws InterruptedException {
        Connection now = connection;
        if (now == null) {
            return ToolResult.error("MCP server '" + name + "' is not connected: " + trouble);
        }
        try {
            return now.call(tool, arguments);
        } catch (McpException e) {
            return ToolResult.error("MCP server '" + name + "': " + e.reason());
        }
    }

    Health health() {
        if (connection == null) {
            return Health.failed("not connected: " + trouble);
        }
        return leftOut == 0
                ? Health.ok()
                : Health.degraded(leftOut + " of its tools are left out; the log says why");
    }
}
