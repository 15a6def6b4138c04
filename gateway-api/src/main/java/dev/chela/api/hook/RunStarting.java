package dev.chela.api.hook;

import java.util.List;

import dev.chela.api.agent.Attachment;
import dev.chela.api.session.SessionKey;

/// A run is about to be answered; gate. A refused run ends with an error that tells the reason.
///
/// @param session where the run is
/// @param runId the run
/// @param message what was said; may be empty if something is attached
/// @param attachments what came with it; their contents are read when asked for
public record RunStarting(SessionKey session, String runId, String message,
        List<Attachment> attachments) {

    /// Copies the attachments.
    public RunStarting {
        attachments = List.copyOf(attachments);
    }

    /// The same where nothing is attached.
    public RunStarting(SessionKey session, String runId, String message) {
        this(session, runId, message, List.of());
    }
}
