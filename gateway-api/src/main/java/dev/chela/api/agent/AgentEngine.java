package dev.chela.api.agent;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What answers in a run.
///
/// An agent's engine is the one its configuration names, else the one whose [#apis] have the API of its model's provider,
/// else the first that offers a [#defaultModel], else `echo`.
public interface AgentEngine {

    /// Runs one turn to its end. Blocks; called on a thread of its own, many at a time.
    ///
    /// Interruption means abort: stop at once, release what is held, throw [InterruptedException].
    ///
    /// @param sink takes the answer as it grows; its writes may block
    /// @throws EngineException with what the person is to be told
    TurnResult run(Turn turn, TurnSink sink) throws Exception;

    /// The APIs of providers that this engine can talk to, such as `openai-completions`. Asked once, when it is
    /// registered.
    default Set<String> apis() {
        return Set.of();
    }

    /// The model used when the configuration names none, if this engine was given one by its own settings. Asked once,
    /// when it is registered.
    default Optional<Model> defaultModel() {
        return Optional.empty();
    }

    /// The models this engine knows besides those in the configuration. Asked once, when it is registered.
    default List<Model> models() {
        return defaultModel().stream().toList();
    }
}
