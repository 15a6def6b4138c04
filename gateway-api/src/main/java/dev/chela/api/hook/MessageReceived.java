package dev.chela.api.hook;

import java.util.List;

import dev.chela.api.agent.Attachment;
import dev.chela.api.session.SessionKey;

/// A message was accepted and is on the disk; observe.
///
/// @param session where it was said
/// @param runId the run that will answer it
/// @param method how it came, such as `chat.send`
/// @param text what was said; may be empty if something is attached
/// @param attachments what came with it; their contents are read when asked for
public record MessageReceived(SessionKey session, String runId, String method, String text,
        List<Attachment> attachments) {

    /// Copies the attachments.
    public MessageReceived {
        attachments = List.copyOf(attachments);
    }

    /// The same where nothing is attached.
    public MessageReceived(SessionKey session, String runId, String method, String text) {
        this(session, runId, method, text, List.of());
    }
}
