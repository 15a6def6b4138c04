package dev.chela.api.hook;

import java.util.List;

import dev.chela.api.agent.Attachment;
import dev.chela.api.session.SessionKey;

/// A run is about to be answered by an engine; claim. The text of the hook that claims it is the answer.
///
/// @param session where the run is
/// @param runId the run
/// @param message what was said; may be empty if something is attached
/// @param attachments what came with it; their contents are read when asked for
public record RunClaiming(SessionKey session, String runId, String message,
        List<Attachment> attachments) {

    /// Copies the attachments.
    public RunClaiming {
        attachments = List.copyOf(attachments);
    }

    /// The same where nothing is attached.
    public RunClaiming(SessionKey session, String runId, String message) {
        this(session, runId, message, List.of());
    }
}
