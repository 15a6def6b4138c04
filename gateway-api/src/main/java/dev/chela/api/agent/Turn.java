package dev.chela.api.agent;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import dev.chela.api.json.Json;
import dev.chela.api.session.SessionKey;

/// What an engine is to answer: one message in its session.
public interface Turn {

    /// The run's id, unique in the gateway.
    String runId();

    /// The session.
    SessionKey session();

    /// The message, with the session's notes before it; may be empty if something is attached.
    String message();

    /// What came with the message, in the order it was sent; of earlier ones their [Message] says it.
    default List<Attachment> attachments() {
        return List.of();
    }

    /// The newest messages before this one, oldest first; read from the store when asked for, so it may block.
    ///
    /// Every call of a tool is followed by its result, also if none came: then the result says so.
    ///
    /// @param limit at most that many, 1 to 1000
    List<Message> history(int limit);

    /// The model to use, if one was chosen.
    Optional<Model> model();

    /// What the agent was told about itself.
    Optional<String> systemPrompt();

    /// How hard the model is to think, if the session says so: `off`, `minimal`, `low`, `medium`, `high` or `xhigh`. An
    /// engine whose model cannot be told leaves it out.
    default Optional<String> thinkingLevel() {
        return Optional.empty();
    }

    /// When the run is aborted.
    Instant deadline();

    /// What people have said since the turn began and want taken into account at once; each is given out once. Asked by
    /// engines that work in steps, between two of them; what is never asked for is answered in its turn, and so is what
    /// something is attached to. Waits for the disk if there is something. Used by the thread that runs the turn only.
    default List<String> steering() {
        return List.of();
    }

    /// The tools the agent may call in this turn.
    List<ToolOffer> tools();

    /// Calls a tool and waits for what it says. Used by the thread that runs the turn only.
    ///
    /// Whatever goes wrong comes back as a result that tells the model so: an unknown tool, arguments that do not fit, a
    /// failure, a time-out, too many calls. Once a tool was called, the run counts as having shown something: after a
    /// crash it is marked as interrupted instead of being run again.
    ///
    /// @param callId as the model chose it
    /// @param arguments an object
    /// @throws InterruptedException if the run was aborted
    ToolResult call(String callId, String name, Json arguments) throws InterruptedException;
}
