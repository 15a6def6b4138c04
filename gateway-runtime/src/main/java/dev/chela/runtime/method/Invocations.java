package dev.chela.runtime.method;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import dev.chela.api.agent.ToolResult;
import dev.chela.api.json.Json;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.dispatch.RpcCall;
import dev.chela.runtime.hook.Hooks;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.run.ToolRun;
import dev.chela.runtime.run.Toolbox;

import org.jspecify.annotations.Nullable;

/// Tools that clients call themselves, each until it ends, its time is up or its client goes. Safe for all threads.
final class Invocations {

    /// How many one connection may have at work.
    static final int MAX = 16;
    /// How many all connections together may have at work: a plugin's turns need its threads, too.
    static final int MAX_IN_ALL = 128;
    /// How many are remembered by their keys.
    private static final int MAX_KNOWN = 64;

    private final Toolbox tools;
    private final CoreThreads threads;
    private final InstantSource clock;
    private final Hooks hooks;
    private final Quota quota = new Quota(MAX, MAX_IN_ALL, "tools at work");
    private final Map<Key, Known> known = new LinkedHashMap<>() {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Known> eldest) {
            return size() > MAX_KNOWN;
        }
    };

    /// What a client asks for.
    record Asked(SessionKey session, String name, Json arguments) {}

    private record Key(String principal, String idempotencyKey) {}

    private record Known(Asked asked, CompletionStage<ToolResult> result) {}

    Invocations(Toolbox tools, CoreThreads threads, InstantSource clock, Hooks hooks) {
        this.tools = tools;
        this.threads = threads;
        this.clock = clock;
        this.hooks = hooks;
    }

    /// Calls a tool and answers later.
    ///
    /// @param idempotencyKey under which a repetition gets the answer of the first; such a call goes on when its client
    ///     is gone
    /// @return false if there is no such tool for that agent
    boolean begin(RpcCall call, Asked asked, @Nullable String idempotencyKey, Function<ToolResult, Object> answer) {
        String connection = call.line().id();
        quota.take(connection);
        boolean begun = false;
        try {
            Optional<CompletionStage<ToolResult>> result = idempotencyKey == null
                    ? whileThere(call, asked)
                    : once(new Key(call.caller().principal(), idempotencyKey), asked);
            if (result.isPresent()) {
                begun = true;
                call.later();
                var _ = result.get().thenAcceptAsync(told -> {
                    quota.giveBack(connection);
                    call.succeed(answer.apply(told));
                }, threads.drainers());
            }
            return begun;
        } finally {
            if (!begun) {
                quota.giveBack(connection);
            }
        }
    }

    private Optional<CompletionStage<ToolResult>> whileThere(RpcCall call, Asked asked) {
        return start(asked).map(run -> {
            Runnable stayed = call.line().whenGone(() -> run.stop("the client is gone"));
            return run.result().whenComplete((_, _) -> stayed.run());
        });
    }

    private Optional<CompletionStage<ToolResult>> once(Key key, Asked asked) {
        synchronized (known) {
            Known before = known.get(key);
            if (before == null) {
                Optional<CompletionStage<ToolResult>> result = start(asked).map(ToolRun::result);
                result.ifPresent(begun -> known.put(key, new Known(asked, begun)));
                return result;
            } else if (!before.asked().equals(asked)) {
                throw ChatMethods.conflict(key.idempotencyKey());
            }
            return Optional.of(before.result());
        }
    }

    private Optional<ToolRun> start(Asked asked) {
        return tools.enter(asked.session().agent(), asked.name()).map(entered -> {
            Duration limit = entered.tool().timeLimit();
            var call = new ToolRun.Call(UUID.randomUUID().toString(), Optional.empty(), asked.session(),
                    clock.instant().plus(limit));
            return ToolRun.start(entered, new ToolRun.Order(asked.arguments(), call, limit), threads, hooks);
        });
    }
}
