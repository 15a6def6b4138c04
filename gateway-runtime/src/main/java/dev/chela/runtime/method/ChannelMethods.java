package dev.chela.runtime.method;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.channel.Channel;
import dev.chela.api.json.Bounds;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.channel.ChannelViews;
import dev.chela.runtime.channel.Channels;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.dispatch.CoreMethod.Lane;
import dev.chela.runtime.dispatch.RpcCall;

import org.jspecify.annotations.Nullable;

/// `channels.*`: how the accounts of channels are, starting, stopping and leaving them.
public final class ChannelMethods {

    private static final int MIN_PROBE_MS = 1000;
    private static final int DEFAULT_PROBE_MS = 10_000;
    private static final int MAX_PROBE_MS = 60_000;

    private final Channels channels;
    private final ChannelViews views;
    private final InstantSource clock;

    /// Methods on these channels.
    public ChannelMethods(Channels channels, ChannelViews views, InstantSource clock) {
        this.channels = channels;
        this.views = views;
        this.clock = clock;
    }

    /// The methods.
    public List<CoreMethod> methods() {
        return List.of(
                CoreMethod.worker("channels.status", Scope.READ, StatusParams.class, this::status),
                CoreMethod.inLane("channels.start", Scope.ADMIN, AccountParams.class,
                        new Lane<>(ChannelMethods::lane, (params, _) -> start(params))),
                CoreMethod.inLane("channels.stop", Scope.ADMIN, AccountParams.class,
                        new Lane<>(ChannelMethods::lane, this::stop)),
                CoreMethod.inLane("channels.logout", Scope.ADMIN, AccountParams.class,
                        new Lane<>(ChannelMethods::lane, this::logout)));
    }

    private static String lane(AccountParams params) {
        return "channel " + params.channel().strip().toLowerCase(Locale.ROOT);
    }

    record StatusParams(@Nullable Boolean probe, @Bounds(min = 0) @Nullable Integer timeoutMs,
            @Bounds(min = 1, max = 64) @Nullable String channel) {}

    private @Nullable Object status(StatusParams params, RpcCall call) {
        String channel = params.channel() == null ? null : known(params.channel(), "status");
        if (!Boolean.TRUE.equals(params.probe())) {
            return dated(views.status(channel));
        }
        Duration limit = Duration.ofMillis(params.timeoutMs() == null
                ? DEFAULT_PROBE_MS
                : Math.clamp(params.timeoutMs(), MIN_PROBE_MS, MAX_PROBE_MS));
        return Later.answer(call, views.probe(channel, limit), this::dated);
    }

    private Map<String, Object> dated(Map<String, Object> rows) {
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("ts", clock.millis());
        status.putAll(rows);
        return status;
    }

    record AccountParams(@Bounds(min = 1, max = 64) String channel, @Bounds(max = 64) @Nullable String accountId) {}

    private Object start(AccountParams params) {
        String channel = known(params.channel(), "start");
        String account = account(channel, params.accountId());
        Optional<String> refusal = views.start(channel, account);
        Map<String, Object> answer = answer(channel, account);
        answer.put("started", refusal.isEmpty());
        answer.put("outcome", refusal.isEmpty()
                ? Map.of("status", "handed-off")
                : Map.of("status", "skipped", "reason", refusal.get()));
        return answer;
    }

    private @Nullable Object stop(AccountParams params, RpcCall call) {
        String channel = known(params.channel(), "stop");
        String account = account(channel, params.accountId());
        return Later.answer(call, views.stop(channel, account), stopped -> {
            Map<String, Object> answer = answer(channel, account);
            answer.put("stopped", stopped);
            return answer;
        });
    }

    private @Nullable Object logout(AccountParams params, RpcCall call) {
        String channel = known(params.channel(), "logout");
        if (!channels.find(channel).orElseThrow().traits().can(Channel.Ability.LOGOUT)) {
            throw RpcException.invalid("channel " + channel + " does not support logout");
        }
        String account = account(channel, params.accountId());
        return Later.answer(call, views.logout(channel, account), done -> {
            if (done.error() != null) {
                throw RpcException.unavailable("channel " + channel + " was not logged out: " + done.error());
            }
            Map<String, Object> answer = answer(channel, account);
            answer.put("cleared", Boolean.TRUE.equals(done.answer()));
            answer.put("loggedOut", true);
            return answer;
        });
    }

    private static Map<String, Object> answer(String channel, String account) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("channel", channel);
        answer.put("accountId", account);
        return answer;
    }

    private String known(String channel, String verb) {
        String id = channel.strip().toLowerCase(Locale.ROOT);
        if (!views.knows(id)) {
            throw RpcException.invalid("invalid channels." + verb + " channel");
        }
        return id;
    }

    private String account(String channel, @Nullable String account) {
        return views.account(channel, account == null ? null : account.strip().toLowerCase(Locale.ROOT))
                .orElseThrow(() -> RpcException.invalid(account == null
                        ? "channel " + channel + " is not configured"
                        : "channel " + channel + " has no account '" + account + "'"));
    }
}
