package dev.chela.runtime.run;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import dev.chela.api.agent.Message;
import dev.chela.api.agent.Model;
import dev.chela.api.agent.ToolResult;
import dev.chela.api.event.EventType;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.event.Broadcaster;
import dev.chela.runtime.event.CoreEvents;
import dev.chela.runtime.event.News;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.protocol.Dialect;
import dev.chela.runtime.session.Rows;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.RunTable.State;

import org.jspecify.annotations.Nullable;

/// Tells clients how runs go: `agent` for each step, `chat` for what a chat shows, and what changed in sessions.
public final class RunNews {

    /// The older protocol has no steps of this kind.
    private static final News.Reach ITEMS = new News.Reach.Speaking(Dialect.V4);

    private final Broadcaster broadcaster;
    private final InstantSource clock;
    private final JsonCodec codec = new JsonCodec();
    private volatile Function<SessionKey, Optional<Map<String, Object>>> rows = _ -> Optional.empty();

    /// News through this broadcaster.
    public RunNews(Broadcaster broadcaster, InstantSource clock) {
        this.broadcaster = broadcaster;
        this.clock = clock;
    }

    /// Sets how a session's row is found for events that carry it.
    public void showRowsBy(Function<SessionKey, Optional<Map<String, Object>>> finder) {
        rows = finder;
    }

    void started(Run run) {
        agent(run, "lifecycle", Map.of("phase", "start", "startedAt", run.startedAt()));
        sessionChanged(run.session(), null, "start", run.id());
    }

    void asks(Run run, Model model) {
        agent(run, "lifecycle", Map.of("phase", "model", "provider", model.provider(), "model", model.id()));
    }

    /// Tells that a model failed and another one is asked.
    void fallsBack(Run run, String failed, String next, String reason) {
        agent(run, "run_status", Map.of("phase", "retrying", "from", failed, "to", next, "reason", reason));
    }

    /// @return the run's own number of this step
    private long agent(Run run, String stream, Map<String, ?> data) {
        return agent(run, CoreEvents.AGENT, stream, data);
    }

    private long agent(Run run, EventType<JsonText> type, String stream, Map<String, ?> data) {
        long seq = run.nextSeq();
        broadcaster.publishWithin(run.session().toString(), type, step(run, seq, stream, data));
        return seq;
    }

    private void agent(Run run, News.Reach reach, String stream, Map<String, ?> data) {
        broadcaster.publishWithin(run.session().toString(), CoreEvents.AGENT,
                step(run, run.nextSeq(), stream, data), reach);
    }

    private JsonText step(Run run, long seq, String stream, Map<String, ?> data) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("runId", run.id());
        payload.put("sessionKey", run.session().toString());
        payload.put("agentId", run.session().agent());
        payload.put("stream", stream);
        payload.put("data", data);
        payload.put("seq", seq);
        payload.put("ts", clock.millis());
        if (!run.isVisible()) {
            payload.put("isHeartbeat", true);
        }
        return codec.encode(payload);
    }

    /// Tells that a tool is about to be called. Its arguments are for those concerned; that something goes on is for all.
    void toolCalled(Run run, Message.Call call) {
        Map<String, Object> data = tool("start", call);
        data.put("args", call.arguments());
        tellConcerned(run, data);
        agent(run, ITEMS, "item", item("start", call, "running"));
    }

    /// Tells that a tool has answered. What it said is in the transcript, and in the news of a session that wants it all.
    void toolAnswered(Run run, Message.Call call, ToolResult result) {
        Map<String, Object> data = tool("result", call);
        data.put("isError", result.isError());
        if (run.verbose().equals("full")) {
            data.put("result", Map.of("content", List.of(Map.of("type", "text", "text", result.text()))));
        }
        tellConcerned(run, data);
        agent(run, ITEMS, "item", item("end", call, result.isError() ? "failed" : "completed"));
    }

    private void tellConcerned(Run run, Map<String, Object> data) {
        if (!run.verbose().equals("off")) {
            agent(run, new News.Reach.Concerned("tool-events", run.asker()), "tool", data);
        }
    }

    private static Map<String, Object> tool(String phase, Message.Call call) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("phase", phase);
        data.put("name", call.name());
        data.put("toolCallId", call.id());
        return data;
    }

    private static Map<String, Object> item(String phase, Message.Call call, String status) {
        Map<String, Object> data = tool(phase, call);
        data.put("itemId", "tool:" + call.id());
        data.put("kind", "tool");
        data.put("title", call.name());
        data.put("status", status);
        return data;
    }

    void progressed(Run run, Run.Progress progress) {
        long seq = agent(run, CoreEvents.AGENT_DELTA, "assistant",
                Map.of("text", progress.whole(), "delta", progress.delta()));
        if (run.isVisible()) {
            Map<String, Object> payload = chat(run, seq, "delta");
            payload.put("deltaText", progress.delta());
            payload.put("message", message(progress.whole()));
            broadcaster.publishWithin(run.session().toString(), CoreEvents.CHAT_DELTA, codec.encode(payload));
        }
    }

    void ended(Run run, RunEnd end) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("phase", end.state() == State.FAILED ? "error" : "end");
        data.put("startedAt", end.startedAt());
        data.put("endedAt", end.endedAt());
        data.put("aborted", end.isCut());
        data.put("stopReason", end.stopReason());
        if (end.error() != null) {
            data.put("error", end.error());
        }
        long seq = agent(run, "lifecycle", data);
        if (run.isVisible()) {
            broadcaster.publishWithin(run.session().toString(), CoreEvents.CHAT, codec.encode(chatEnd(run, seq, end)));
        }
        sessionChanged(run.session(), null, end.error() == null ? "end" : "error", run.id());
    }

    private Map<String, Object> chatEnd(Run run, long seq, RunEnd end) {
        if (end.isAnswered()) {
            Map<String, Object> payload = chat(run, seq, "final");
            payload.put("stopReason", end.stopReason());
            if (!end.text().isEmpty()) {
                payload.put("message", message(end.text()));
            }
            payload.put("usage", Rows.usage(end.usage().input(), end.usage().output(), end.usage().cacheRead()));
            return payload;
        } else if (end.isCut()) {
            Map<String, Object> payload = chat(run, seq, "aborted");
            payload.put("stopReason", end.stopReason());
            if (!end.text().isEmpty()) {
                payload.put("message", message(end.text()));
            }
            return payload;
        }
        Map<String, Object> payload = chat(run, seq, "error");
        payload.put("errorMessage", String.valueOf(end.error()));
        payload.put("errorKind", end.errorKind() == null ? "unknown" : end.errorKind());
        return payload;
    }

    private static Map<String, Object> chat(Run run, long seq, String state) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("runId", run.id());
        payload.put("sessionKey", run.session().toString());
        payload.put("agentId", run.session().agent());
        payload.put("seq", seq);
        payload.put("state", state);
        return payload;
    }

    private Map<String, Object> message(String text) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", "assistant");
        message.put("content", List.of(Map.of("type", "text", "text", text)));
        message.put("timestamp", clock.millis());
        return message;
    }

    /// Tells chats of an answer that no engine gave.
    void injected(SessionKey session, String runId, Entry entry) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("runId", runId);
        payload.put("sessionKey", session.toString());
        payload.put("agentId", session.agent());
        payload.put("seq", 0);
        payload.put("state", "final");
        Map<String, Object> message = message(entry.text());
        message.put("stopReason", "injected");
        payload.put("message", message);
        payload.put("stopReason", "injected");
        broadcaster.publishWithin(session.toString(), CoreEvents.CHAT, codec.encode(payload));
    }

    /// Tells who follows the list of sessions that one has changed.
    ///
    /// @param reason such as `send`; null if a phase of a run is the reason
    /// @param phase such as `start`
    void sessionChanged(SessionKey session, @Nullable String reason, @Nullable String phase, @Nullable String runId) {
        var topic = new News.Topic("sessions", "");
        if (!broadcaster.isFollowed(topic)) {
            return;
        }
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("sessionKey", session.toString());
        payload.put("agentId", session.agent());
        put(payload, "reason", reason);
        put(payload, "phase", phase);
        put(payload, "runId", runId);
        payload.put("ts", clock.millis());
        boolean begins = "new".equals(reason) || "reset".equals(reason);
        rows.apply(session).ifPresent(row -> payload.put("session", begins ? unnamed(row) : row));
        broadcaster.publish(CoreEvents.SESSIONS_CHANGED, codec.encode(payload), topic);
    }

    /// The row of a session that began anew, without its new id: the Control UI takes a session of which it knows another
    /// id for a stranger, and would go on showing what was said before.
    private static Map<String, Object> unnamed(Map<String, Object> row) {
        Map<String, Object> unnamed = new LinkedHashMap<>(row);
        unnamed.remove("sessionId");
        return unnamed;
    }

    /// Tells who follows a session that a message was added.
    public void messageAdded(SessionKey session, Entry entry) {
        var topic = new News.Topic("messages", session.toString());
        if (!broadcaster.isFollowed(topic)) {
            return;
        }
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("sessionKey", session.toString());
        payload.put("agentId", session.agent());
        payload.put("message", Rows.message(entry));
        payload.put("messageId", entry.id());
        payload.put("messageSeq", entry.seq());
        rows.apply(session).ifPresent(row -> payload.put("session", row));
        broadcaster.publish(CoreEvents.SESSION_MESSAGE, codec.encode(payload), topic);
    }

    private static void put(Map<String, Object> payload, String name, @Nullable Object value) {
        if (value != null) {
            payload.put(name, value);
        }
    }

    /// The beginning of a text on one line, for lists.
    static String preview(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() > 120 ? JsonText.cut(line, 120) + "…" : line;
    }
}
