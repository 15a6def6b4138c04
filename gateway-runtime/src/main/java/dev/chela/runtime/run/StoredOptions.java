package dev.chela.runtime.run;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/// The options of an ask in the form they are stored in.
record StoredOptions(@Nullable Long timeoutMs, @Nullable String extraPrompt, @Nullable String source,
        @Nullable String command) {

    static StoredOptions of(Ask.Options options) {
        Duration timeout = options.timeout();
        return new StoredOptions(timeout == null ? null : timeout.toMillis(), options.extraPrompt(), options.source(),
                options.command());
    }

    Ask.Options options() {
        return new Ask.Options(timeoutMs == null ? null : Duration.ofMillis(timeoutMs), extraPrompt, source,
                command);
    }
}
