package dev.chela.api.agent;

import java.time.Instant;
import java.util.List;

import dev.chela.api.json.Json;

import org.jspecify.annotations.Nullable;

/// One message of a conversation, as an engine sees it.
///
/// @param speaker who said it
/// @param text what was said
/// @param at when
/// @param calls the tools the agent called with it; each is answered by one of the next messages
/// @param answers the id of the call whose result this is; null if it is none
/// @param attachments what came with it; their contents are read when asked for
public record Message(Speaker speaker, String text, Instant at, List<Call> calls, @Nullable String answers,
        List<Attachment> attachments) {

    /// Copies the lists.
    public Message {
        calls = List.copyOf(calls);
        attachments = List.copyOf(attachments);
    }

    /// A message that nothing came with.
    public Message(Speaker speaker, String text, Instant at, List<Call> calls, @Nullable String answers) {
        this(speaker, text, at, calls, answers, List.of());
    }

    /// A message without tools.
    public Message(Speaker speaker, String text, Instant at) {
        this(speaker, text, at, List.of(), null);
    }

    /// The result of a tool.
    public static Message result(Call call, String text, Instant at) {
        return new Message(Speaker.TOOL, text, at, List.of(), call.id());
    }

    /// Who speaks in a conversation; an open set.
    ///
    /// @param name as transcripts know it
    public record Speaker(String name) {

        /// A person.
        public static final Speaker USER = new Speaker("user");

        /// The agent.
        public static final Speaker ASSISTANT = new Speaker("assistant");

        /// A tool, answering the agent.
        public static final Speaker TOOL = new Speaker("toolResult");
    }

    /// A tool the agent called.
    ///
    /// @param id what its result refers to
    public record Call(String id, String name, Json arguments) {}
}
