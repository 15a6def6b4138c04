package dev.chela.runtime.method;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.chela.api.json.Bounds;
import dev.chela.api.json.Json;
import dev.chela.api.json.OneOf;
import dev.chela.api.json.Rest;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.rpc.Scope;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.dispatch.CoreMethod.Lane;
import dev.chela.runtime.dispatch.RpcCall;
import dev.chela.runtime.run.Acceptance;
import dev.chela.runtime.run.Agents;
import dev.chela.runtime.run.Ask;
import dev.chela.runtime.run.ChatCommands;
import dev.chela.runtime.run.Run;
import dev.chela.runtime.run.SessionEdits;
import dev.chela.runtime.run.SessionEdits.Change;
import dev.chela.runtime.run.Upload;
import dev.chela.runtime.session.Setting;
import dev.chela.runtime.store.SessionTable.SessionRow;

import org.jspecify.annotations.Nullable;

/// `sessions.*`: making, naming, setting, resetting and removing chat sessions, and talking in them by their key.
public final class SessionEditMethods {

    private static final int KEPT = 400;
    static final int MAX_KEPT = 100_000;
    /// What official clients send to guard against changes of things that this gateway does not have.
    private static final Set<String> GUARDS = Set.of("expectedLifecycleRevision", "expectedPermissionMode",
            "expectedToolOverrides", "expectedMarkedUnreadAt", "autoLabel", "ttlMinutes");

    private final SessionViews sessions;
    private final SessionEdits edits;
    private final Agents agents;
    private final Uploads uploads;

    /// Methods that edit these sessions.
    public SessionEditMethods(SessionViews sessions, SessionEdits edits, Agents agents, Uploads uploads) {
        this.sessions = sessions;
        this.edits = edits;
        this.agents = agents;
        this.uploads = uploads;
    }

    /// The methods; what is done to one session is done in order of arrival.
    public List<CoreMethod> methods() {
        return List.of(inSession("sessions.patch", SessionEditMethods::scope, PatchParams.class,
                (params, _) -> patch(params)),
                inSession("sessions.create", _ -> Scope.WRITE, CreateParams.class, this::create),
                inSession("sessions.reset", _ -> Scope.ADMIN, ResetParams.class, (params, _) -> reset(params)),
                inSession("sessions.delete",
                        params -> Boolean.TRUE.equals(params.archivedOnly()) ? Scope.WRITE : Scope.ADMIN,
                        DeleteParams.class, (params, _) -> delete(params)),
                inSession("sessions.compact", _ -> Scope.ADMIN, CompactParams.class, (params, _) -> compact(params)),
                inSession("sessions.send", _ -> Scope.WRITE, SendParams.class, this::send),
                inSession("sessions.abort", _ -> Scope.WRITE, AbortParams.class, (params, _) -> abort(params)),
                CoreMethod.inLane("chat.inject", Scope.ADMIN, InjectParams.class,
                        new Lane<>(params -> sessions.lane(params.sessionKey(), params.agentId()),
                                (params, _) -> inject(params))));
    }

    /// Params that name a session.
    interface OfSession {

        @Nullable
        String key();

        @Nullable
        String agentId();
    }

    private <P extends Record & OfSession> CoreMethod inSession(String name, Function<P, Scope> scope, Class<P> params,
            CoreMethod.Handler<P> handler) {
        return CoreMethod.inLane(name, scope, params,
                new Lane<>(given -> sessions.lane(given.key(), given.agentId()), handler));
    }

    record PatchParams(@Bounds(max = SessionKey.MAX_LENGTH) String key, @Nullable String agentId,
            @Nullable String expectedSessionId, @Nullable Json label, @Nullable Boolean archived,
            @Nullable Boolean pinned, @Nullable Boolean unread,
            @Bounds(max = SessionKey.MAX_LENGTH) @Nullable String spawnedBy,
            @Rest Map<String, Json> settings) implements OfSession {}

    /// How people sort and name their sessions is for everybody who may write, all else for administrators.
    private static Scope scope(PatchParams params) {
        boolean light = params.spawnedBy() == null && params.settings().entrySet().stream()
                .allMatch(change -> GUARDS.contains(change.getKey()) || Setting.named(change.getKey())
                        .filter(setting -> setting.isLight(change.getValue())).isPresent());
        return light ? Scope.WRITE : Scope.ADMIN;
    }

    private Object patch(PatchParams params) {
        SessionKey key = sessions.key(params.key(), params.agentId());
        Map<Setting, Json> settings = new EnumMap<>(Setting.class);
        params.settings().forEach((name, value) -> {
            if (!GUARDS.contains(name)) {
                settings.put(Setting.named(name).orElseThrow(() -> RpcException.invalid(
                        "invalid sessions.patch params: unexpected property '" + name + "'")), value);
            }
        });
        checkModel(settings.get(Setting.MODEL));
        String parent = params.spawnedBy() == null ? null : sessions.key(params.spawnedBy(), null).toString();
        return changed(key, new Change(params.label(), parent, params.archived(), params.pinned(), params.unread(),
                settings, params.expectedSessionId()));
    }

    private void checkModel(@Nullable Json model) {
        if (model instanceof Json.Text(String ref) && !agents.isKnown(ref.strip())) {
            throw RpcException.invalid("unknown model \"" + ref.strip() + "\"; models.list has those that are known");
        }
    }

    private Map<String, Object> changed(SessionKey key, Change change) {
        SessionRow row = guarded(() -> edits.change(key, change));
        Map<String, Object> answer = entry(key, row);
        answer.put("path", String.valueOf(sessions.store().file().getFileName()));
        answer.put("resolved", sessions.resolved(row));
        return answer;
    }

    private Map<String, Object> entry(SessionKey key, SessionRow row) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ok", true);
        answer.put("key", key.toString());
        answer.put("entry", sessions.show(row));
        return answer;
    }

    private static <T> T guarded(Supplier<T> edit) {
        try {
            return edit.get();
        } catch (IllegalArgumentException e) {
            throw RpcException.invalid(String.valueOf(e.getMessage()));
        } catch (SessionEdits.ReplacedException e) {
            throw RpcException.invalid(String.valueOf(e.getMessage()))
                    .with(Json.of(Map.of("reason", "session-changed")));
        }
    }

    record CreateParams(@Bounds(max = SessionKey.MAX_LENGTH) @Nullable String key, @Nullable String agentId,
            @Bounds(max = Ask.MAX_ID) @Nullable String idempotencyKey, @Nullable String label,
            @Bounds(max = 500) @Nullable String displayName,
            @Bounds(max = SessionKey.MAX_LENGTH) @Nullable String parentSessionKey,
            @Bounds(max = ChatMethods.MAX_MESSAGE) @Nullable String message,
            @Bounds(max = ChatMethods.MAX_MESSAGE) @Nullable String task,
            @Nullable List<Uploads.Sent> attachments, @Nullable Boolean emitCommandHooks,
            @Nullable Boolean succeedsParent, @Rest Map<String, Json> settings) implements OfSession {}

    /// Makes a session and, if a message comes with it, asks that.
    private Object create(CreateParams params, RpcCall call) {
        List<Upload> attached = uploads.read(params.attachments()); // before there is a session
        String given = params.key() == null ? "dashboard:" + UUID.randomUUID() : params.key();
        SessionKey key = sessions.key(given, params.agentId());
        Map<Setting, Json> settings = new EnumMap<>(Setting.class);
        params.settings().forEach((name, value) -> settings.put(Setting.named(name).filter(
                setting -> setting.isLight(value)).orElseThrow(
                        () -> RpcException.invalid(
                                "invalid sessions.create params: this gateway has no '" + name + "' for new sessions")),
                value));
        checkModel(settings.get(Setting.MODEL));
        String parent = params.parentSessionKey() == null
                ? null
                : sessions.key(params.parentSessionKey(), null).toString();
        String label = params.label() == null ? params.displayName() : params.label();
        Map<String, Object> answer = changed(key, new Change(label == null ? null : new Json.Text(label), parent, null,
                null, null, settings, null));
        if (answer.get("entry") instanceof Map<?, ?> entry) {
            answer.put("sessionId", Objects.requireNonNull(entry.get("sessionId")));
        }
        String message = Objects.requireNonNullElse(params.message() == null ? params.task() : params.message(), "");
        boolean asks = !message.isBlank() || !attached.isEmpty();
        answer.put("runStarted", asks);
        if (asks) {
            String id = params.idempotencyKey() == null ? UUID.randomUUID().toString() : params.idempotencyKey();
            ask(new Ask(id, "sessions.send", call.caller().principal(), key, message, Ask.Options.NONE)
                    .attaching(attached), _ -> {});
            answer.put("runId", id);
        }
        return answer;
    }

    record ResetParams(@Bounds(max = SessionKey.MAX_LENGTH) String key, @Nullable String agentId,
            @OneOf({"new", "reset"}) @Nullable String reason) implements OfSession {}

    private Object reset(ResetParams params) {
        SessionKey key = sessions.key(params.key(), params.agentId());
        return entry(key, edits.reset(key, params.reason() == null ? "reset" : params.reason()));
    }

    record DeleteParams(@Bounds(max = SessionKey.MAX_LENGTH) String key, @Nullable String agentId,
            @Nullable Boolean deleteTranscript, @Nullable String expectedSessionId,
            @Nullable String expectedLifecycleRevision, @Nullable Long expectedSessionUpdatedAt,
            @Nullable Boolean emitLifecycleHooks, @Nullable Boolean archivedOnly) implements OfSession {}

    private Object delete(DeleteParams params) {
        SessionKey key = sessions.key(params.key(), params.agentId());
        boolean deleted = guarded(() -> edits.delete(key, !Boolean.FALSE.equals(params.deleteTranscript()), row -> {
            boolean other = params.expectedSessionId() != null
                    && !params.expectedSessionId().equals(row.sessionId());
            boolean newer = params.expectedSessionUpdatedAt() != null
                    && params.expectedSessionUpdatedAt() != row.updatedAt();
            if (other || newer) {
                throw RpcException.invalid("session " + key + " has changed; look at it again")
                        .with(Json.of(Map.of("reason", "session-changed")));
            } else if (Boolean.TRUE.equals(params.archivedOnly()) && !row.marks().archived()) {
                throw RpcException.invalid("session " + key + " is not archived");
            }
        }));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ok", true);
        answer.put("key", key.toString());
        answer.put("deleted", deleted);
        answer.put("archived", List.of());
        return answer;
    }

    record CompactParams(@Bounds(max = SessionKey.MAX_LENGTH) String key, @Nullable String agentId,
            @Bounds(min = 1, max = MAX_KEPT) @Nullable Integer maxLines) implements OfSession {}

    private Object compact(CompactParams params) {
        SessionKey key = sessions.key(params.key(), params.agentId());
        int kept = params.maxLines() == null ? KEPT : params.maxLines();
        Optional<Integer> moved = edits.compact(key, kept);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ok", true);
        answer.put("key", key.toString());
        answer.put("compacted", moved.orElse(0) > 0);
        if (moved.isEmpty()) {
            answer.put("reason", "no sessionId");
        } else {
            answer.put("kept", sessions.store().read(tx -> tx.sessions().find(key.toString())
                    .map(row -> tx.entries().count(row.sessionId())).orElse(0L)));
        }
        return answer;
    }

    record SendParams(@Bounds(max = SessionKey.MAX_LENGTH) String key, @Nullable String agentId,
            @Bounds(min = 0, max = ChatMethods.MAX_MESSAGE) String message, @Nullable String thinking,
            @Nullable List<Uploads.Sent> attachments, @Bounds(min = 0) @Nullable Long timeoutMs,
            @Bounds(max = Ask.MAX_ID) @Nullable String idempotencyKey) implements OfSession {}

    private @Nullable Object send(SendParams params, RpcCall call) {
        SessionKey key = sessions.key(params.key(), params.agentId());
        List<Upload> attached = uploads.read(params.attachments());
        Uploads.require(params.message(), attached);
        String id = params.idempotencyKey() == null ? UUID.randomUUID().toString() : params.idempotencyKey();
        var options = Ask.Options.within(ChatMethods.timeout(params.timeoutMs()));
        return ask(
                new Ask(id, "sessions.send", call.caller().principal(), key, params.message(), options)
                        .attaching(attached),
                run -> call.succeed(Map.of("runId", run.id(), "status", "started")));
    }

    /// @param told tells the asker of a new run, before anybody hears of it
    private @Nullable Object ask(Ask ask, Consumer<Run> told) {
        if (!edits.takesMessages(ask.session())) {
            throw ChatCommands.blocked();
        }
        return switch (sessions.runs().accept(ask, told)) {
            case Acceptance.Accepted _ -> null;
            case Acceptance.UnderWay(Run run) -> Map.of("runId", run.id(), "status", "in_flight");
            case Acceptance.Ended _ -> Map.of("runId", ask.id(), "status", "ok");
            case Acceptance.Conflict _ -> throw ChatMethods.conflict(ask.id());
            case Acceptance.Full(String why) -> throw ChatMethods.full(why);
        };
    }

    record AbortParams(@Bounds(max = SessionKey.MAX_LENGTH) @Nullable String key, @Nullable String runId,
            @Nullable String agentId, @Nullable Boolean clearQueued) implements OfSession {}

    private Object abort(AbortParams params) {
        Optional<Run> named = params.key() != null || params.runId() == null
                ? Optional.empty()
                : sessions.runs().find(params.runId());
        SessionKey key = named.map(Run::session).orElseGet(() -> sessions.key(params.key(), params.agentId()));
        List<Run> all = sessions.runs().of(key);
        List<Run> wanted = params.runId() != null
                ? all.stream().filter(run -> run.id().equals(params.runId())).toList()
                : Boolean.TRUE.equals(params.clearQueued()) ? all : all.stream().limit(1).toList();
        List<String> stopped = wanted.reversed().stream().filter(run -> sessions.runs().abort(run, "rpc"))
                .map(Run::id).toList();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ok", true);
        answer.put("abortedRunId", stopped.isEmpty() ? null : stopped.getLast());
        answer.put("status", stopped.isEmpty() ? "no-active-run" : "aborted");
        return answer;
    }

    record InjectParams(@Bounds(max = SessionKey.MAX_LENGTH) String sessionKey, @Nullable String agentId,
            @Bounds(max = 100_000) String message, @Bounds(min = 0, max = 100) @Nullable String label) {}

    private Object inject(InjectParams params) {
        SessionKey key = sessions.key(params.sessionKey(), params.agentId());
        return edits.inject(key, params.message(), params.label())
                .map(entry -> Map.<String, Object>of("ok", true, "messageId", entry.id()))
                .orElseThrow(() -> RpcException.invalid("session not found"));
    }
}
