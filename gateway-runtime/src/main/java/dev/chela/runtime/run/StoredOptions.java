package dev.chela.runtime.run;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import dev.chela.runtime.session.Attached;
import dev.chela.runtime.session.Route;

import org.jspecify.annotations.Nullable;

/// The options of an ask in the form they are stored in.
///
/// @param route JSON of where its answer is sent
/// @param messageId of a message that something came with
record StoredOptions(@Nullable Long timeoutMs, @Nullable String extraPrompt, @Nullable String source,
        @Nullable String command, @Nullable String route, @Nullable String replyTo, @Nullable String mode,
        @Nullable String messageId, @Nullable List<Attached> attached) {

    static StoredOptions of(Ask.Options options) {
        Duration timeout = options.timeout();
        Ask.Reply reply = options.reply();
        Ask.Attachments came = options.attachments();
        return new StoredOptions(timeout == null ? null : timeout.toMillis(), options.extraPrompt(), options.source(),
                options.command(), reply == null ? null : reply.route().stored(),
                reply == null ? null : reply.messageId(), options.mode() == null ? null : options.mode().name(),
                came == null ? null : came.messageId(), came == null ? null : came.files());
    }

    Ask.Options options() {
        Optional<Ask.Reply> reply = Route.of(route).map(place -> new Ask.Reply(place, replyTo, Ask.How.LOOKED_UP));
        return new Ask.Options(timeoutMs == null ? null : Duration.ofMillis(timeoutMs), extraPrompt, source, command,
                reply.orElse(null), mode == null ? null : QueueMode.valueOf(mode),
                messageId == null || attached == null ? null : new Ask.Attachments(messageId, attached));
    }
}
