package dev.chela.runtime.run;

import dev.chela.api.agent.TurnResult.Usage;
import dev.chela.api.json.Bounds;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.store.RunTable.RunRow;
import dev.chela.runtime.store.RunTable.State;

import org.jspecify.annotations.Nullable;

/// How a run ended; kept with the run, so that whoever asks again gets the same answer.
///
/// @param outcome the name of a final [State]
/// @param text the answer, or what there was of it
/// @param stopReason why it ended
/// @param error what went wrong; null if nothing
/// @param errorKind the kind of failure; null if nothing went wrong
/// @param provider who provided the model
/// @param model which model answered
/// @param usage tokens
/// @param startedAt ms; 0 if it never started
/// @param endedAt ms
public record RunEnd(String outcome, @Bounds(min = 0) String text, String stopReason, @Nullable String error,
        @Nullable String errorKind,
        @Nullable String provider, @Nullable String model, Tokens usage, long startedAt, long endedAt) {

    /// Tokens used.
    public record Tokens(long input, long output, long cacheRead) {

        static final Tokens NONE = new Tokens(0, 0, 0);

        static Tokens of(Usage usage) {
            return new Tokens(usage.input(), usage.output(), usage.cacheRead());
        }
    }

    /// What is kept with a run; one without a word about its end was interrupted.
    static RunEnd of(RunRow row, JsonCodec codec) {
        if (row.result() == null) {
            return new RunEnd(State.INTERRUPTED.name(), "", "interrupted", "the gateway stopped while this ran", null,
                    null, null, Tokens.NONE, row.startedAt(), row.endedAt());
        }
        return codec.bind(JsonText.of(row.result()), RunEnd.class);
    }

    /// The state the run is left in.
    public State state() {
        return State.valueOf(outcome);
    }

    /// Whether the engine answered.
    public boolean isAnswered() {
        return state() == State.FINISHED;
    }

    /// Whether a person, a deadline or a crash ended it.
    public boolean isCut() {
        return state() == State.ABORTED || state() == State.INTERRUPTED;
    }
}
