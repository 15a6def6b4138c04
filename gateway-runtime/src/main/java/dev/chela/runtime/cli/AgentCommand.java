package dev.chela.runtime.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `chela agent`: says something to an agent and prints the answer as it comes.
@Command(name = "agent", description = "Say something to an agent and print the answer as it comes.", mixinStandardHelpOptions = true)
final class AgentCommand implements Callable<Integer> {

    private final Shell shell;

    @Mixin
    private Target target = new Target();

    @Option(names = {"--message", "-m"}, paramLabel = "TEXT", description = "What to say.")
    private String message = "";

    @Option(names = "--attach", paramLabel = "FILE", description = "A picture or file to go along; may be repeated.")
    private List<Path> files = new ArrayList<>();

    @Option(names = "--agent", paramLabel = "ID", description = "The agent (default: the default one).")
    private @Nullable String agent;

    @Option(names = "--session", paramLabel = "KEY", description = "The session (default: the agent's main one).")
    private @Nullable String session;

    @Option(names = "--answer-timeout", paramLabel = "S", defaultValue = "600", description = "How long the answer may take, in seconds (default: ${DEFAULT-VALUE}).")
    private int answerTimeout = 600;

    @Option(names = "--json", description = "Print the whole result on one line, at the end.")
    private boolean json;

    AgentCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws Exception {
        var attached = new AttachedFiles(files);
        if (message.isBlank() && files.isEmpty()) {
            throw new IllegalArgumentException("say something with --message, or give a file with --attach");
        }
        attached.check();
        String id = UUID.randomUUID().toString();
        var shown = new AtomicInteger();
        try (GatewayClient client = target.connect(shell, (event, payload) -> show(id, event, payload, shown))) {
            Map<String, Object> params = params(id);
            if (!files.isEmpty()) {
                params.put("attachments", attached.read(client.hello()));
            }
            GatewayClient.Pending pending = client.begin("agent", Json.of(params));
            pending.get(target.timeout());
            Json result = pending.get(Duration.ofSeconds(answerTimeout + 10L));
            if (json) {
                shell.json(result);
                return aborted(result) ? ExitCode.FAILED : ExitCode.OK;
            }
            String whole = result.at("result").orElse(Json.Null.VALUE).items("payloads").stream().findFirst()
                    .flatMap(payload -> payload.text("text")).orElse("");
            shell.out().println(Shell.text(whole.substring(Math.min(shown.get(), whole.length()))));
            if (aborted(result)) {
                shell.fail("the answer was stopped before its end");
                return ExitCode.FAILED;
            }
            return ExitCode.OK;
        } catch (ClientException e) {
            if (shown.get() > 0) {
                shell.out().println();
            }
            shell.fail(String.valueOf(e.getMessage()));
            return ExitCode.FAILED;
        }
    }

    private static boolean aborted(Json result) {
        return result.text("summary").filter("aborted"::equals).isPresent();
    }

    private Map<String, Object> params(String id) {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("message", message);
        params.put("idempotencyKey", id);
        params.put("timeout", answerTimeout);
        if (agent != null) {
            params.put("agentId", agent);
        }
        if (session != null) {
            params.put("sessionKey", session);
        }
        return params;
    }

    /// The whole text so far is in each event; what was printed before is left out.
    private void show(String id, String event, Json payload, AtomicInteger shown) {
        boolean ours = event.equals("agent") && payload.text("runId").filter(id::equals).isPresent()
                && payload.text("stream").filter("assistant"::equals).isPresent();
        if (ours && !json) {
            String text = payload.at("data").flatMap(data -> data.text("text")).orElse("");
            shell.out().print(Shell.text(text.substring(Math.min(shown.get(), text.length()))));
            shell.out().flush();
            shown.set(text.length());
        }
    }
}
