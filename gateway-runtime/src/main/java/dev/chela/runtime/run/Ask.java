package dev.chela.runtime.run;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

import dev.chela.api.session.SessionKey;
import dev.chela.runtime.session.Attached;
import dev.chela.runtime.session.Route;
import dev.chela.runtime.session.Rows;
import dev.chela.runtime.session.ToolEntries;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.Fingerprint;

import org.jspecify.annotations.Nullable;

/// Somebody asks for a run.
///
/// @param id the caller's idempotency key, which becomes the run's id
/// @param method the method it came by
/// @param principal whose key it is
/// @param session where it is to run
/// @param message what was said
/// @param options what else was asked for
/// @param uploads the contents of what came with the message, until it is on the disk
public record Ask(String id, String method, String principal, SessionKey session, String message, Options options,
        List<Upload> uploads) {

    /// The method of what arrives in channels.
    public static final String FROM_CHANNEL = "channel";

    /// The longest id.
    public static final int MAX_ID = 256;

    /// An ask of words only.
    public Ask(String id, String method, String principal, SessionKey session, String message, Options options) {
        this(id, method, principal, session, message, options, List.of());
    }

    /// What came with a message.
    ///
    /// @param messageId the id the message will have in the transcript, under which the contents are kept
    public record Attachments(String messageId, List<Attached> files) {}

    /// What else can be asked for.
    ///
    /// @param timeout how long it may take; null for the default
    /// @param extraPrompt added to what the agent was told about itself
    /// @param source what started it, if not a person; such a run is not shown in chats
    /// @param command the plugin's slash command that answers instead of an engine
    /// @param reply where the answer is sent besides
    /// @param mode what becomes of it while another message is being answered; null for the configured one
    /// @param attachments what came with the message; null if nothing did
    public record Options(@Nullable Duration timeout, @Nullable String extraPrompt, @Nullable String source,
            @Nullable String command, @Nullable Reply reply, @Nullable QueueMode mode,
            @Nullable Attachments attachments) {

        /// Nothing else.
        public static final Options NONE = new Options(null, null, null, null, null, null, null);

        /// Nothing but a time limit.
        public static Options within(@Nullable Duration timeout) {
            return new Options(timeout, null, null, null, null, null, null);
        }

        /// The same, answered by a command of a plugin.
        public Options by(String name) {
            return new Options(timeout, extraPrompt, source, name, reply, mode, attachments);
        }

        /// The same, with its answer sent to a place in a channel.
        public Options to(@Nullable Reply place) {
            return new Options(timeout, extraPrompt, source, command, place, mode, attachments);
        }

        /// The same, queued in a certain way.
        public Options queued(@Nullable QueueMode how) {
            return new Options(timeout, extraPrompt, source, command, reply, how, attachments);
        }

        private Options with(Attachments came) {
            return new Options(timeout, extraPrompt, source, command, reply, mode, came);
        }
    }

    /// Where an answer is sent.
    ///
    /// @param route the place
    /// @param messageId the message it answers there
    /// @param how how the place was found
    public record Reply(Route route, @Nullable String messageId, How how) {}

    /// How the place of an answer was found.
    public enum How {
        /// The question came from there, so that the session is there from now on.
        ARRIVED,
        /// Whoever asked named it.
        NAMED,
        /// It is where the session's people were; a repeated request is the same wherever they have gone since.
        LOOKED_UP
    }

    /// The same in other words.
    public Ask saying(String text) {
        return new Ask(id, method, principal, session, text, options, uploads);
    }

    /// The same, answered by a command of a plugin.
    public Ask by(String command) {
        return new Ask(id, method, principal, session, message, options.by(command), uploads);
    }

    /// The same with something attached.
    public Ask attaching(List<Upload> all) {
        return all.isEmpty()
                ? this
                : new Ask(id, method, principal, session, message, options.with(new Attachments(
                        UUID.randomUUID().toString(), all.stream().map(Upload::about).toList())), List.copyOf(all));
    }

    /// What came with the message.
    List<Attached> attached() {
        return options.attachments() == null ? List.of() : options.attachments().files();
    }

    /// How much it counts while it waits: its words, and the bytes of what came with them.
    long weight() {
        return message.length() + attached().stream().mapToLong(Attached::size).sum();
    }

    /// The message as it is put into a transcript.
    Entry said(String sessionId, long at) {
        Entry said = Entry.said(sessionId, message, at, id);
        return options.attachments() == null
                ? said
                : said.holding(options.attachments().messageId(), ToolEntries.ofAttached(attached()));
    }

    /// The message on one line, for lists.
    String preview() {
        return RunNews.preview(Rows.summary(message, attached()));
    }

    /// The same, queued in a way if it says nothing about that itself. What plugins start by themselves takes its own turn.
    Ask queued(QueueMode mode) {
        return options.mode() != null || options.source() != null
                ? this
                : new Ask(id, method, principal, session, message, options.queued(mode), uploads);
    }

    /// Tells this request from another under the same id.
    String hash() {
        String all = String.join("\u0000", session.toString(), message, String.valueOf(options.extraPrompt()),
                String.valueOf(options.source()))
                + (options.reply() == null || options.reply().how() != How.NAMED
                        ? ""
                        : options.reply().route().address())
                + attached().stream().map(one -> "\u0000" + one.hash() + one.name()).collect(Collectors.joining());
        return Fingerprint.of(all);
    }
}
