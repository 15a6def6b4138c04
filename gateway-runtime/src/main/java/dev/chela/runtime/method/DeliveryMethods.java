package dev.chela.runtime.method;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.channel.Channel;
import dev.chela.api.channel.Outbound;
import dev.chela.api.json.Bounds;
import dev.chela.api.json.Json;
import dev.chela.api.json.Open;
import dev.chela.api.rpc.ErrorCode;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.channel.ChannelViews;
import dev.chela.runtime.channel.Registered;
import dev.chela.runtime.delivery.Deliveries;
import dev.chela.runtime.delivery.DeliveryNews;
import dev.chela.runtime.delivery.Requests;
import dev.chela.runtime.delivery.Requests.Outcome;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.dispatch.RpcCall;
import dev.chela.runtime.json.BindException;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.protocol.Failure;
import dev.chela.runtime.store.OutboxTable;
import dev.chela.runtime.store.OutboxTable.Address;
import dev.chela.runtime.store.OutboxTable.OutboxRow;

import org.jspecify.annotations.Nullable;

/// `send`, `poll` and `message.action`: saying something in a channel; `delivery.*`: what is on its way, and what was given up.
public final class DeliveryMethods {

    static final int MAX_MEDIA = 10;
    private static final int MAX_URL = 2048;
    static final int MAX_QUESTION = 1000;
    private static final int MAX_OPTION = 200;
    private static final int DEFAULT_LIST = 50;

    private final Destinations places;
    private final ChannelActions actions;
    private final SessionViews sessions;
    private final Deliveries deliveries;
    private final Requests requests;
    private final JsonCodec codec = new JsonCodec();

    /// Methods on these channels.
    public DeliveryMethods(Destinations places, ChannelViews views, SessionViews sessions, Deliveries deliveries) {
        this.places = places;
        this.actions = new ChannelActions(views);
        this.sessions = sessions;
        this.deliveries = deliveries;
        this.requests = new Requests(deliveries);
    }

    /// The methods.
    public List<CoreMethod> methods() {
        return List.of(CoreMethod.worker("send", Scope.WRITE, SendParams.class, this::send),
                CoreMethod.worker("poll", Scope.WRITE, PollParams.class, this::poll),
                CoreMethod.worker("message.action", Scope.WRITE, ActionParams.class, this::act),
                CoreMethod.worker("delivery.list", Scope.READ, ListParams.class, (params, _) -> list(params)),
                CoreMethod.worker("delivery.retry", Scope.ADMIN, IdParams.class, (params, _) -> revive(params)),
                CoreMethod.worker("delivery.drop", Scope.ADMIN, IdParams.class, (params, _) -> drop(params)));
    }

    // ---- saying something ----

    @Open
    record SendParams(@Bounds(min = 1, max = 200) String to, @Bounds(max = 1_000_000) @Nullable String message,
            @Nullable String mediaUrl, @Bounds(max = MAX_MEDIA) @Nullable List<String> mediaUrls,
            @Bounds(max = 64) @Nullable String channel, @Bounds(max = 64) @Nullable String accountId,
            @Bounds(max = 120) @Nullable String replyToId, @Bounds(max = 120) @Nullable String threadId,
            @Nullable String agentId, @Bounds(max = 512) @Nullable String sessionKey,
            @Bounds(min = 1, max = 256) String idempotencyKey) {}

    private @Nullable Object send(SendParams params, RpcCall call) {
        Registered channel = places.channel(params.channel(), "unsupported channel: ");
        List<String> urls = new ArrayList<>(params.mediaUrls() == null ? List.of() : params.mediaUrls());
        if (params.mediaUrl() != null && !urls.contains(params.mediaUrl())) {
            urls.addFirst(params.mediaUrl());
        }
        var content = text(channel, params.message(), urls);
        var address = places.address(channel, new Destinations.Named(params.channel(), params.accountId(), params.to(),
                params.threadId()));
        return order("send", call, params.idempotencyKey(), new Requests.Order(address, content, params.replyToId(),
                session(params.sessionKey(), params.agentId())));
    }

    private Outbound.Content text(Registered channel, @Nullable String message, List<String> urls) {
        String text = message == null ? "" : message.strip();
        if (text.isEmpty() && urls.isEmpty()) {
            throw RpcException.invalid("message or media required");
        } else if (!urls.isEmpty() && !channel.traits().can(Channel.Ability.MEDIA)) {
            throw RpcException.invalid("channel " + channel.id() + " sends no media");
        } else if (!urls.isEmpty() && text.length() > channel.traits().textLimit()) {
            throw RpcException.invalid("the text beside media has " + text.length() + " characters; channel "
                    + channel.id() + " takes " + channel.traits().textLimit());
        }
        return new Outbound.Text(text, urls.stream().map(DeliveryMethods::uri).toList());
    }

    private static URI uri(String url) {
        try {
            URI uri = URI.create(url.strip());
            if (url.length() <= MAX_URL && uri.getHost() != null
                    && ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw RpcException.invalid("a media URL must be http or https with a host, at most " + MAX_URL
                + " characters: '" + (url.length() > 100 ? url.substring(0, 100) + "…" : url) + "'");
    }

    @Open
    record PollParams(@Bounds(min = 1, max = 200) String to, @Bounds(min = 1, max = MAX_QUESTION) String question,
            @Bounds(min = 2, max = 12) List<String> options, @Bounds(min = 1, max = 12) @Nullable Integer maxSelections,
            @Bounds(min = 1, max = 604_800) @Nullable Integer durationSeconds,
            @Bounds(min = 1, max = 168) @Nullable Integer durationHours, @Bounds(max = 120) @Nullable String threadId,
            @Bounds(max = 64) @Nullable String channel, @Bounds(max = 64) @Nullable String accountId,
            @Bounds(min = 1, max = 256) String idempotencyKey) {}

    private @Nullable Object poll(PollParams params, RpcCall call) {
        Registered channel = places.channel(params.channel(), "unsupported poll channel: ");
        if (!channel.traits().can(Channel.Ability.POLLS)) {
            throw RpcException.invalid("unsupported poll channel: " + channel.id());
        }
        int max = params.maxSelections() == null ? 1 : params.maxSelections();
        if (max > params.options().size()) {
            throw RpcException.invalid("maxSelections " + max + " is more than there are options");
        } else if (params.options().stream().anyMatch(one -> one.isBlank() || one.length() > MAX_OPTION)) {
            throw RpcException.invalid("an option must have 1 to " + MAX_OPTION + " characters");
        }
        Duration open = params.durationSeconds() != null
                ? Duration.ofSeconds(params.durationSeconds())
                : params.durationHours() == null ? null : Duration.ofHours(params.durationHours());
        var content = new Outbound.Poll(params.question(), params.options(), max, open);
        var address = places.address(channel, new Destinations.Named(params.channel(), params.accountId(), params.to(),
                params.threadId()));
        return order("poll", call, params.idempotencyKey(), new Requests.Order(address, content, null, null));
    }

    @Open
    record ActionParams(@Bounds(min = 1, max = 64) String channel, @Bounds(min = 1, max = 64) String action,
            Map<String, Json> params, @Bounds(max = 64) @Nullable String accountId, @Nullable String agentId,
            @Bounds(max = 512) @Nullable String sessionKey,
            @Bounds(min = 1, max = 256) String idempotencyKey) {}

    private @Nullable Object act(ActionParams params, RpcCall call) {
        Json given = new Json.Obj(params.params());
        return switch (params.action()) {
            case "send" -> send(bound(sendParams(params, given), SendParams.class), call);
            case "poll" -> poll(bound(pollParams(params, given), PollParams.class), call);
            default -> actInChannel(params, given, call);
        };
    }

    private <P extends Record> P bound(Json members, Class<P> type) {
        try {
            return codec.bind(members, type);
        } catch (BindException e) {
            throw RpcException.invalid("invalid message.action params: " + e.forClient());
        }
    }

    private @Nullable Object actInChannel(ActionParams params, Json given, RpcCall call) {
        Registered channel = places.channel(params.channel(), "unsupported channel: ");
        if (!channel.traits().actions().contains(params.action())) {
            throw RpcException.invalid("channel " + channel.id() + " has no action '" + params.action() + "'; it has: "
                    + String.join(", ", channel.traits().actions().stream().sorted().toList()));
        }
        String account = places.account(channel, params.accountId());
        var done = actions.once(new ChannelActions.Key(call.caller().principal(), params.idempotencyKey()),
                new ChannelActions.Wanted(channel.id(), account, new Channel.Action(params.action(), given)));
        return Later.answer(call, done, said -> {
            if (said.answer() == null) {
                throw RpcException.unavailable("action '" + params.action() + "' failed: " + said.error());
            }
            return said.answer();
        });
    }

    private static Json sendParams(ActionParams params, Json given) {
        Map<String, Json> members = shared(params, given);
        given.text("message").ifPresent(text -> members.put("message", new Json.Text(text)));
        given.text("media").or(() -> given.text("mediaUrl"))
                .ifPresent(url -> members.put("mediaUrl", new Json.Text(url)));
        given.text("replyTo").or(() -> given.text("replyToId"))
                .ifPresent(id -> members.put("replyToId", new Json.Text(id)));
        Optional.ofNullable(params.sessionKey()).or(() -> given.text("__sessionKey"))
                .ifPresent(key -> members.put("sessionKey", new Json.Text(key)));
        return new Json.Obj(members);
    }

    private static Json pollParams(ActionParams params, Json given) {
        Map<String, Json> members = shared(params, given);
        given.text("question").or(() -> given.text("pollQuestion"))
                .ifPresent(text -> members.put("question", new Json.Text(text)));
        given.at("options").or(() -> given.at("pollOption")).ifPresent(list -> members.put("options", list));
        for (String name : List.of("maxSelections", "durationSeconds", "durationHours")) {
            given.at(name).ifPresent(value -> members.put(name, value));
        }
        return new Json.Obj(members);
    }

    private static Map<String, Json> shared(ActionParams params, Json given) {
        Map<String, Json> members = new LinkedHashMap<>();
        given.text("to").or(() -> given.text("target")).ifPresent(to -> members.put("to", new Json.Text(to)));
        given.text("threadId").ifPresent(id -> members.put("threadId", new Json.Text(id)));
        members.put("channel", new Json.Text(params.channel()));
        Optional.ofNullable(params.accountId()).or(() -> given.text("accountId"))
                .ifPresent(id -> members.put("accountId", new Json.Text(id)));
        members.put("idempotencyKey", new Json.Text(params.idempotencyKey()));
        return members;
    }

    /// A session that does not exist has no transcript to add to.
    private @Nullable String session(@Nullable String key, @Nullable String agent) {
        return key == null ? null : sessions.key(key, agent).toString();
    }

    private @Nullable Object order(String method, RpcCall call, String key, Requests.Order order) {
        call.later();
        requests.send(method, call.caller().principal(), key, order,
                outcome -> answer(call, key, order.address(), outcome));
        return null;
    }

    private static void answer(RpcCall call, String key, Address address, Outcome outcome) {
        switch (outcome) {
            case Outcome.Sent(String _, var receipt) -> {
                Json said = JsonCodec.read(receipt);
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("runId", key);
                answer.put("messageId", said.text("messageId").orElse(""));
                answer.put("channel", address.channel());
                said.at("details").ifPresent(details -> {
                    if (details instanceof Json.Obj(Map<String, Json> members)) {
                        members.forEach(answer::putIfAbsent);
                    }
                });
                call.succeed(answer);
            }
            case Outcome.Failed(String id, String error) -> call.fail(Failure.of(ErrorCode.UNAVAILABLE, error),
                    Map.of("runId", key, "deliveryId", id));
            case Outcome.Queued(String id, String why) -> call.fail(
                    RpcException.unavailable("the message will be sent later: " + why)
                            .with(Json.of(Map.of("code", "OUTBOUND_DELIVERY_QUEUED", "deliveryId", id))));
            case Outcome.Conflict _ -> call.fail(ChatMethods.conflict(key));
            case Outcome.Full(String why) -> call.fail(ChatMethods.full(why));
        }
    }

    // ---- for operators ----

    record ListParams(@Bounds(max = 20) @Nullable String state, @Bounds(max = 64) @Nullable String channel,
            @Bounds(min = 1, max = 500) @Nullable Integer limit, @Bounds(min = 0) @Nullable Long cursor) {}

    private Object list(ListParams params) {
        OutboxTable.State state = params.state() == null
                ? null
                : OutboxTable.named(params.state()).orElseThrow(() -> RpcException.invalid("state '" + params.state()
                        + "' is none of waiting, sending, sent, failed, dropped"));
        int limit = params.limit() == null ? DEFAULT_LIST : params.limit();
        List<OutboxRow> rows = deliveries.list(new OutboxTable.Filter(state, params.channel(),
                params.cursor() == null ? 0 : params.cursor()), limit + 1);
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("deliveries", rows.stream().limit(limit).map(DeliveryNews::show).toList());
        if (rows.size() > limit) {
            list.put("nextCursor", rows.get(limit - 1).seq());
        }
        OutboxTable.Counts counts = deliveries.counts();
        list.put("waiting", counts.of(OutboxTable.State.WAITING) + counts.of(OutboxTable.State.SENDING));
        list.put("failed", counts.of(OutboxTable.State.FAILED));
        return list;
    }

    record IdParams(@Bounds(min = 1, max = 64) String id) {}

    private Object revive(IdParams params) {
        if (!deliveries.revive(params.id())) {
            throw RpcException.invalid("no delivery '" + params.id() + "' was given up");
        }
        return Map.of("ok", true, "id", params.id());
    }

    private Object drop(IdParams params) {
        if (!deliveries.drop(params.id())) {
            throw RpcException.invalid("no delivery '" + params.id() + "' waits or was given up");
        }
        return Map.of("ok", true, "id", params.id());
    }
}
