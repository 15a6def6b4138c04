package dev.chela.runtime.method;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.json.Bounds;
import dev.chela.api.json.Open;
import dev.chela.api.rpc.ErrorCode;
import dev.chela.api.rpc.NoParams;
import dev.chela.api.rpc.Scope;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.dispatch.CoreMethod.Lane;
import dev.chela.runtime.dispatch.RpcCall;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.protocol.Failure;
import dev.chela.runtime.run.Acceptance;
import dev.chela.runtime.run.Agents;
import dev.chela.runtime.run.Ask;
import dev.chela.runtime.run.ChatCommands;
import dev.chela.runtime.run.Commands;
import dev.chela.runtime.run.Run;
import dev.chela.runtime.run.RunEnd;
import dev.chela.runtime.run.Upload;
import dev.chela.runtime.session.Rows;
import dev.chela.runtime.session.SessionKeys;
import dev.chela.runtime.store.SessionTable.SessionRow;

import org.jspecify.annotations.Nullable;

/// `agent`, `agent.*` and `agents.*`: asking an agent and waiting for what it says.
public final class AgentMethods {

    private static final long DEFAULT_WAIT_MS = 30_000;
    private static final long MAX_WAIT_MS = 3_600_000;
    private final SessionViews sessions;
    private final ChatCommands commands;
    private final Agents agents;
    private final InstantSource clock;
    private final Destinations places;
    private final Uploads uploads;
    private final Waits waits;

    /// Who answers, what waits for it, and what may come with the question.
    public record Parts(Agents agents, CoreThreads threads, InstantSource clock, Uploads uploads) {}

    /// Methods on these sessions and agents.
    public AgentMethods(SessionViews sessions, ChatCommands commands, Destinations places, Parts parts) {
        this.sessions = sessions;
        this.commands = commands;
        this.places = places;
        this.agents = parts.agents();
        this.clock = parts.clock();
        this.uploads = parts.uploads();
        this.waits = new Waits(parts.threads());
    }

    /// The methods.
    public List<CoreMethod> methods() {
        return List.of(
                CoreMethod.inLane("agent", AgentMethods::scope, AgentParams.class,
                        new Lane<>(params -> sessions.lane(params.sessionKey(), params.agentId()), this::agent)),
                CoreMethod.worker("agent.wait", Scope.WRITE, WaitParams.class, this::await),
                CoreMethod.quick("agent.identity.get", Scope.READ, IdentityParams.class,
                        (params, _) -> identity(params)),
                CoreMethod.quick("agents.list", Scope.READ, NoParams.class, (_, _) -> list()));
    }

    /// The client's hints about channels and the like are taken and not needed.
    @Open
    record AgentParams(@Bounds(min = 0, max = ChatMethods.MAX_MESSAGE) String message, @Nullable String agentId,
            @Nullable String sessionId, @Bounds(max = SessionKey.MAX_LENGTH) @Nullable String sessionKey,
            @Nullable Boolean deliver, @Nullable List<Uploads.Sent> attachments,
            @Bounds(max = 64) @Nullable String channel,
            @Bounds(max = 64) @Nullable String accountId, @Bounds(max = Destinations.MAX_TO) @Nullable String to,
            @Bounds(max = 64) @Nullable String replyChannel, @Bounds(max = 64) @Nullable String replyAccountId,
            @Bounds(max = Destinations.MAX_TO) @Nullable String replyTo, @Bounds(max = 120) @Nullable String threadId,
            @Bounds(min = 0, max = 86_400) @Nullable Integer timeout,
            @Bounds(max = 100_000) @Nullable String extraSystemPrompt,
            @Bounds(max = Ask.MAX_ID) String idempotencyKey) {}

    /// Beginning a session anew this way is for administrators, as in the official gateway of protocol 4.
    private static Scope scope(AgentParams params) {
        boolean anew = Commands.Typed.of(params.message()).filter(typed -> typed.name().matches("new|reset"))
                .isPresent();
        return anew ? Scope.ADMIN : Scope.WRITE;
    }

    private @Nullable Object agent(AgentParams params, RpcCall call) {
        SessionKey key = session(params);
        List<Upload> attached = uploads.read(params.attachments());
        Uploads.require(params.message(), attached);
        Duration timeout = params.timeout() == null || params.timeout() == 0
                ? null
                : Duration.ofSeconds(params.timeout());
        var ask = new Ask(params.idempotencyKey(), "agent", call.caller().principal(), key, params.message(),
                new Ask.Options(timeout, params.extraSystemPrompt(), null, null, delivery(params, key), null, null))
                .attaching(attached);
        Acceptance acceptance = commands.accept(ask, ChatMethods.asker(call), true, id -> {
            call.later();
            call.progress(accepted(id, key));
        });
        switch (acceptance) {
            case Acceptance.Accepted(Run run, var _, var _) -> run.whenEnded(end -> answer(call, run.id(), end));
            case Acceptance.UnderWay(Run run) -> {
                return accepted(run.id(), key);
            }
            case Acceptance.Ended(RunEnd end) -> {
                call.later();
                answer(call, params.idempotencyKey(), end);
            }
            case Acceptance.Conflict _ -> throw ChatMethods.conflict(params.idempotencyKey());
            case Acceptance.Full(String why) -> throw ChatMethods.full(why);
        }
        return null;
    }

    /// Clients name the channel they know even where nothing is to be delivered.
    private Ask.@Nullable Reply delivery(AgentParams params, SessionKey session) {
        if (!Boolean.TRUE.equals(params.deliver())) {
            return null;
        }
        return places.reply(session, new Destinations.Named(first(params.replyChannel(), params.channel()),
                first(params.replyAccountId(), params.accountId()), first(params.replyTo(), params.to()),
                params.threadId()));
    }

    private static @Nullable String first(@Nullable String one, @Nullable String other) {
        return one == null || one.isBlank() ? other : one;
    }

    private SessionKey session(AgentParams params) {
        String id = params.sessionId();
        if (params.sessionKey() == null && id != null) {
            Optional<SessionRow> row = sessions.store().read(tx -> tx.sessions().findById(id));
            if (row.isPresent()) {
                return sessions.key(row.get().key(), params.agentId());
            }
        }
        return sessions.key(params.sessionKey(), params.agentId());
    }

    private Map<String, Object> accepted(String runId, SessionKey key) {
        Map<String, Object> accepted = new LinkedHashMap<>();
        accepted.put("runId", runId);
        accepted.put("sessionKey", key.toString());
        accepted.put("agentId", key.agent());
        accepted.put("status", "accepted");
        accepted.put("acceptedAt", clock.millis());
        return accepted;
    }

    private static void answer(RpcCall call, String runId, RunEnd end) {
        if (end.error() != null && !end.isCut()) {
            call.fail(Failure.of(ErrorCode.UNAVAILABLE, end.error()),
                    Map.of("runId", runId, "status", "error", "summary", end.error()));
            return;
        }
        Map<String, Object> agentMeta = new LinkedHashMap<>();
        agentMeta.put("provider", end.provider());
        agentMeta.put("model", end.model());
        agentMeta.put("usage", Rows.usage(end.usage().input(), end.usage().output(), end.usage().cacheRead()));
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("durationMs", end.startedAt() == 0 ? 0 : end.endedAt() - end.startedAt());
        meta.put("agentMeta", agentMeta);
        meta.put("aborted", end.isCut());
        meta.put("stopReason", end.stopReason());
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("text", end.text());
        payload.put("mediaUrl", null);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("runId", runId);
        answer.put("status", "ok");
        answer.put("summary", end.isCut() ? "aborted" : "completed");
        answer.put("result", Map.of("payloads", end.text().isEmpty() ? List.of() : List.of(payload), "meta", meta));
        call.succeed(answer);
    }

    record WaitParams(@Bounds(max = Ask.MAX_ID) String runId, @Bounds(min = 0) @Nullable Long timeoutMs) {}

    private @Nullable Object await(WaitParams params, RpcCall call) {
        long wait = Math.min(params.timeoutMs() == null ? DEFAULT_WAIT_MS : params.timeoutMs(), MAX_WAIT_MS);
        Optional<Run> run = sessions.runs().find(params.runId());
        Optional<RunEnd> ended = run.isPresent() ? Optional.empty() : sessions.runs().ended(params.runId());
        if (ended.isPresent()) {
            return waited(params.runId(), ended.get());
        }
        waits.add(call, run, Duration.ofMillis(wait), end -> end.map(known -> waited(params.runId(), known))
                .orElseGet(() -> Map.of("runId", params.runId(), "status", "timeout")));
        return null;
    }

    private static Map<String, Object> waited(String runId, RunEnd end) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("runId", runId);
        answer.put("status", end.error() != null && !end.isCut() ? "error" : "ok");
        answer.put("startedAt", end.startedAt());
        answer.put("endedAt", end.endedAt());
        answer.put("stopReason", end.stopReason());
        if (end.error() != null) {
            answer.put("error", end.error());
        }
        return answer;
    }

    record IdentityParams(@Nullable String agentId, @Nullable String sessionKey) {}

    private Object identity(IdentityParams params) {
        Agents.Profile profile = agents.profile(sessions.key(params.sessionKey(), params.agentId()).agent());
        Map<String, Object> identity = new LinkedHashMap<>();
        identity.put("agentId", profile.id());
        identity.put("name", profile.name());
        identity.put("nameSource", profile.named() ? "config" : "default");
        identity.put("avatar", profile.avatar());
        if (profile.emoji() != null) {
            identity.put("emoji", profile.emoji());
        }
        return identity;
    }

    private Object list() {
        List<Map<String, Object>> rows = agents.profiles().stream().map(profile -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("id", profile.id());
            row.put("kind", "agent");
            row.put("name", profile.name());
            row.put("identity", identityOf(profile));
            if (profile.model() != null) {
                List<String> fallbacks = agents.fallbacks(profile.id());
                row.put("model", fallbacks.isEmpty()
                        ? Map.of("primary", profile.model().ref())
                        : Map.of("primary", profile.model().ref(), "fallbacks", fallbacks));
            }
            return row;
        }).toList();
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("defaultId", agents.roster().defaultId());
        list.put("mainKey", SessionKeys.MAIN);
        list.put("scope", "per-sender");
        list.put("agents", rows);
        return list;
    }

    private static Map<String, Object> identityOf(Agents.Profile profile) {
        Map<String, Object> identity = new LinkedHashMap<>();
        identity.put("name", profile.name());
        identity.put("avatar", profile.avatar());
        if (profile.emoji() != null) {
            identity.put("emoji", profile.emoji());
        }
        return identity;
    }
}
