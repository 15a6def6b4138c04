package dev.chela.runtime.method;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Bounds;
import dev.chela.api.json.Json;
import dev.chela.api.json.OneOf;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.rpc.Scope;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.dispatch.CoreMethod.Lane;
import dev.chela.runtime.dispatch.RpcCall;
import dev.chela.runtime.run.Acceptance;
import dev.chela.runtime.run.Ask;
import dev.chela.runtime.run.ChatCommands;
import dev.chela.runtime.run.QueueMode;
import dev.chela.runtime.run.Run;
import dev.chela.runtime.run.RunEnd;
import dev.chela.runtime.run.Runs;
import dev.chela.runtime.run.Upload;

import org.jspecify.annotations.Nullable;

/// `chat.*`: saying something in a session, seeing what was said, stopping the answer.
public final class ChatMethods {

    /// The longest message, in UTF-16 units.
    static final int MAX_MESSAGE = 1_000_000;

    private final SessionViews sessions;
    private final Histories histories;
    private final Runs runs;
    private final ChatCommands commands;
    private final Destinations places;
    private final Uploads uploads;

    /// Methods on these sessions and their runs.
    public ChatMethods(SessionViews sessions, ChatCommands commands, Destinations places, Uploads uploads) {
        this.sessions = sessions;
        this.histories = new Histories(sessions);
        this.runs = sessions.runs();
        this.commands = commands;
        this.places = places;
        this.uploads = uploads;
    }

    /// The methods.
    public List<CoreMethod> methods() {
        return List.of(
                CoreMethod.inLane("chat.send", Scope.WRITE, SendParams.class,
                        new Lane<>(params -> sessions.lane(params.sessionKey(), params.agentId()), this::send)),
                CoreMethod.inLane("chat.abort", Scope.WRITE, AbortParams.class,
                        new Lane<>(params -> sessions.lane(params.sessionKey(), params.agentId()), this::abort)),
                CoreMethod.inLane("chat.history", Scope.READ, Histories.Params.class,
                        new Lane<>(params -> sessions.lane(params.sessionKey(), params.agentId()),
                                (params, _) -> histories.history(params))),
                CoreMethod.inLane("chat.startup", Scope.READ, Histories.Params.class,
                        new Lane<>(params -> sessions.lane(params.sessionKey(), params.agentId()),
                                (params, _) -> histories.history(params))));
    }

    record SendParams(@Bounds(max = SessionKey.MAX_LENGTH) String sessionKey, @Nullable String agentId,
            @Nullable String sessionId, @Bounds(min = 0, max = MAX_MESSAGE) String message, @Nullable Json intent,
            @Nullable String thinking, @Nullable Json fastMode, @Nullable Json fastAutoOnSeconds,
            @OneOf({"steer", "followup", "collect", "interrupt"}) @Nullable String queueMode, @Nullable Boolean deliver,
            @Nullable String originatingChannel, @Nullable String originatingTo, @Nullable String originatingAccountId,
            @Nullable String originatingThreadId, @Nullable String replyToId, @Nullable List<Uploads.Sent> attachments,
            @Nullable Json toolBindings, @Bounds(min = 0) @Nullable Long timeoutMs,
            @Nullable Json systemInputProvenance, @Nullable String systemProvenanceReceipt,
            @Nullable Boolean suppressCommandInterpretation, @Nullable Json expectedLeafEntryId,
            @Nullable String expectedSessionRoutingContract, @Nullable Json expectedPermissionMode,
            @Nullable Json expectedToolOverrides, @Bounds(max = Ask.MAX_ID) String idempotencyKey) {}

    private @Nullable Object send(SendParams params, RpcCall call) {
        SessionKey key = sessions.key(params.sessionKey(), params.agentId());
        List<Upload> attached = uploads.read(params.attachments());
        Uploads.require(params.message(), attached);
        boolean command = !Boolean.TRUE.equals(params.suppressCommandInterpretation());
        if (command && ChatCommands.stops(params.message())) {
            List<String> stopped = stopAll(key, "stop");
            return Map.of("ok", true, "aborted", !stopped.isEmpty(), "runIds", stopped);
        }
        var ask = new Ask(params.idempotencyKey(), "chat.send", call.caller().principal(), key, params.message(),
                Ask.Options.within(timeout(params.timeoutMs())).to(delivery(params, key))
                        .queued(params.queueMode() == null ? null : QueueMode.named(params.queueMode())))
                .attaching(attached);
        Acceptance acceptance = commands.accept(ask, asker(call), command,
                id -> call.succeed(Map.of("runId", id, "status", "started")));
        return switch (acceptance) {
            case Acceptance.Accepted _ -> null; // told already, before the first event of the run
            case Acceptance.UnderWay(Run run) -> Map.of("runId", run.id(), "status", "in_flight");
            case Acceptance.Ended(RunEnd _) -> Map.of("runId", params.idempotencyKey(), "status", "ok");
            case Acceptance.Conflict _ -> throw conflict(params.idempotencyKey());
            case Acceptance.Full(String why) -> throw full(why);
        };
    }

    /// What is said on a page stays there unless the client wants it to go where the session's people are.
    private Ask.@Nullable Reply delivery(SendParams params, SessionKey session) {
        return Boolean.TRUE.equals(params.deliver()) ? places.lastOf(session).orElse(null) : null;
    }

    static RpcException full(String why) {
        return RpcException.unavailable(why + "; try again").retryable(Duration.ofSeconds(1));
    }

    static ChatCommands.Asker asker(RpcCall call) {
        return new ChatCommands.Asker(call.caller(), call.line().subscriber().id());
    }

    static RpcException conflict(String id) {
        return RpcException.invalid("idempotencyKey '" + id + "' was used for another request")
                .with(Json.of(Map.of("reason", "chat-request-conflict")));
    }

    static @Nullable Duration timeout(@Nullable Long ms) {
        return ms == null || ms == 0 ? null : Duration.ofMillis(Math.min(ms, Duration.ofDays(1).toMillis()));
    }

    record AbortParams(@Bounds(max = SessionKey.MAX_LENGTH) String sessionKey, @Nullable String agentId,
            @Nullable String runId, @Nullable Boolean preserveSideRuns) {}

    private Object abort(AbortParams params, RpcCall call) {
        SessionKey key = sessions.key(params.sessionKey(), params.agentId());
        List<String> stopped = params.runId() == null
                ? stopAll(key, "rpc")
                : runs.of(key).stream().filter(run -> run.id().equals(params.runId()))
                        .filter(run -> runs.abort(run, "rpc")).map(Run::id).toList();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ok", true);
        answer.put("aborted", !stopped.isEmpty());
        answer.put("runIds", stopped);
        return answer;
    }

    /// The waiting ones first, so that none of them starts in between.
    private List<String> stopAll(SessionKey key, String reason) {
        return runs.of(key).reversed().stream().filter(run -> runs.abort(run, reason)).map(Run::id).toList().reversed();
    }
}
