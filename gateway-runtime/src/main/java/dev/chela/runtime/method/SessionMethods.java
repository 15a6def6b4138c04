package dev.chela.runtime.method;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Bounds;
import dev.chela.api.json.Json;
import dev.chela.api.json.OneOf;
import dev.chela.api.json.Open;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.rpc.Scope;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.dispatch.RpcCall;
import dev.chela.runtime.event.News;
import dev.chela.runtime.store.SessionTable.Filter;
import dev.chela.runtime.store.SessionTable.SessionRow;
import dev.chela.runtime.store.Tx;

import org.jspecify.annotations.Nullable;

/// `sessions.*`: which chat sessions there are, and following them.
public final class SessionMethods {

    private static final int MAX_PAGE = 500;
    private static final int PAGE = 100;

    private final SessionViews sessions;
    private final InstantSource clock;
    private final Remembered<ListParams> pages;

    /// Methods on these sessions.
    public SessionMethods(SessionViews sessions, InstantSource clock) {
        this.sessions = sessions;
        this.clock = clock;
        this.pages = new Remembered<>(sessions::version, clock, this::list);
    }

    /// The methods.
    public List<CoreMethod> methods() {
        return List.of(
                CoreMethod.worker("sessions.list", Scope.SESSIONS_READ, ListParams.class,
                        (params, _) -> pages.get(params)),
                CoreMethod.worker("sessions.describe", Scope.SESSIONS_READ, DescribeParams.class,
                        (params, _) -> describe(params)),
                CoreMethod.quick("sessions.subscribe", Scope.SESSIONS_READ, SubscribeParams.class, this::subscribe),
                CoreMethod.quick("sessions.messages.subscribe", Scope.SESSIONS_READ, MessagesParams.class,
                        this::subscribeMessages),
                CoreMethod.quick("sessions.messages.unsubscribe", Scope.SESSIONS_READ, MessagesParams.class,
                        this::unsubscribeMessages));
    }

    record ListParams(@Bounds(min = 1) @Nullable Integer limit, @Bounds(min = 0) @Nullable Integer offset,
            @Bounds(min = 1) @Nullable Integer activeMinutes, @Nullable Boolean requireLastInteraction,
            @OneOf({"updatedAt", "lastInteractionAt", "activity"}) @Nullable String sortBy,
            @Nullable Boolean includeGlobal,
            @Nullable Boolean includeUnknown, @Nullable Boolean configuredAgentsOnly,
            @Nullable Boolean includeDerivedTitles, @Nullable Boolean includeLastMessage,
            @Bounds(min = 1, max = 512) @Nullable String label, @Nullable String boardFace, @Nullable String creatorId,
            @Nullable String ownerId, @Nullable Boolean ownerFirst, @Nullable Boolean involvingMe,
            @Nullable String involvingProfileId, @Nullable Boolean includePeople, @Nullable String spawnedBy,
            @Nullable String agentId, @Bounds(max = 512) @Nullable String search, @Nullable Json archived,
            @Nullable Boolean activeOnly, @Nullable Boolean excludeSubagents, @Nullable Boolean excludeCron,
            @Nullable Boolean excludeSystem, @Nullable Boolean includeActivitySummary, @Nullable Boolean hasBoard) {}

    private Object list(ListParams params) {
        int limit = Math.min(params.limit() == null ? PAGE : params.limit(), MAX_PAGE);
        int offset = params.offset() == null ? 0 : params.offset();
        long since = params.activeMinutes() == null
                ? 0
                : clock.millis() - Duration.ofMinutes(params.activeMinutes()).toMillis();
        String agent = params.agentId() == null ? null : sessions.key(null, params.agentId()).agent();
        String search = params.search() == null || params.search().isBlank() ? null : params.search().strip();
        var filter = new Filter(agent, since, search, params.label(), params.spawnedBy(), archived(params.archived()));
        return sessions.store().read(tx -> {
            List<SessionRow> picked = picked(params, tx, filter);
            List<SessionRow> rows = picked == null
                    ? tx.sessions().list(filter, offset, limit)
                    : picked.stream().skip(offset).limit(limit).toList();
            long total = picked == null ? tx.sessions().count(filter) : picked.size();
            boolean more = offset + rows.size() < total;
            Map<String, Object> list = new LinkedHashMap<>();
            list.put("ts", clock.millis());
            list.put("path", String.valueOf(sessions.store().file().getFileName()));
            list.put("count", rows.size());
            list.put("totalCount", total);
            list.put("limitApplied", limit);
            list.put("nextOffset", more ? offset + rows.size() : null);
            list.put("hasMore", more);
            list.put("owners", List.of());
            list.put("defaults", sessions.defaults(agent));
            list.put("sessions", rows.stream().map(sessions::show).toList());
            return list;
        });
    }

    /// What the store cannot tell: which sessions are at work, looked for among the newest, and which have a board, as
    /// none has. Null if neither is asked for.
    private @Nullable List<SessionRow> picked(ListParams params, Tx tx, Filter filter) {
        if (Boolean.TRUE.equals(params.hasBoard())) {
            return List.of();
        } else if (!Boolean.TRUE.equals(params.activeOnly())) {
            return null;
        }
        return tx.sessions().list(filter, 0, MAX_PAGE).stream()
                .filter(row -> !sessions.runs().of(sessions.key(row.key(), null)).isEmpty()).toList();
    }

    /// Sessions that were put away are listed only if asked for.
    private static @Nullable Boolean archived(@Nullable Json wanted) {
        return switch (wanted) {
            case null -> false;
            case Json.Bool(boolean only) -> only;
            case Json.Text(String all) when all.equals("all") -> null;
            default -> throw RpcException.invalid("invalid sessions.list params: at /archived: must be a boolean or"
                    + " \"all\"");
        };
    }

    record DescribeParams(String key, @Nullable Boolean includeDerivedTitles, @Nullable Boolean includeLastMessage,
            @Nullable String agentId) {}

    private Object describe(DescribeParams params) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("session", sessions.row(sessions.key(params.key(), params.agentId())).orElse(null));
        return described;
    }

    @Open
    record SubscribeParams() {}

    private Object subscribe(SubscribeParams params, RpcCall call) {
        follow(call, new News.Topic("sessions", ""));
        return Map.of("subscribed", true);
    }

    record MessagesParams(String key, @Nullable String agentId, @Nullable Boolean includeApprovals) {}

    private Object subscribeMessages(MessagesParams params, RpcCall call) {
        SessionKey key = sessions.key(params.key(), params.agentId());
        follow(call, new News.Topic("messages", key.toString()));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("subscribed", true);
        answer.put("key", key.toString());
        if (Boolean.TRUE.equals(params.includeApprovals())) {
            answer.put("approvalReplay", Map.of("sessionKey", key.toString(), "updatedAtMs", clock.millis(),
                    "approvals", List.of(), "truncated", false));
        }
        return answer;
    }

    private static void follow(RpcCall call, News.Topic topic) {
        if (!call.line().subscriber().subscribe(topic)) {
            throw RpcException.invalid("this connection has too many subscriptions; end some first");
        }
    }

    private Object unsubscribeMessages(MessagesParams params, RpcCall call) {
        SessionKey key = sessions.key(params.key(), params.agentId());
        call.line().subscriber().unsubscribe(new News.Topic("messages", key.toString()));
        return Map.of("subscribed", false, "key", key.toString());
    }
}
