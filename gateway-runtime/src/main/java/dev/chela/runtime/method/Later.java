package dev.chela.runtime.method;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import dev.chela.runtime.dispatch.RpcCall;

import org.jspecify.annotations.Nullable;

/// Answers calls when something is known, and keeps no thread until then.
final class Later {

    private Later() {}

    /// Answers a call later.
    ///
    /// @param answer makes the payload; what it throws is the call's failure
    /// @return what the handler returns
    static <T> @Nullable Object answer(RpcCall call, CompletionStage<T> stage, Function<T, Object> answer) {
        call.later();
        var _ = stage.thenApply(answer).whenComplete((payload, failure) -> {
            if (failure == null) {
                call.succeed(payload);
            } else {
                call.fail(failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure);
            }
        });
        return null;
    }
}
