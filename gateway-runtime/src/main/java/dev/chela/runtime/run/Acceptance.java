package dev.chela.runtime.run;

import dev.chela.runtime.store.EntryTable.Entry;

import org.jspecify.annotations.Nullable;

/// What became of an ask.
public sealed interface Acceptance {

    /// It is on the disk and will be answered.
    ///
    /// @param placed its message in the transcript; null if it waits for its turn
    /// @param began the session, if it began with this
    record Accepted(Run run, @Nullable Entry placed, @Nullable Began began) implements Acceptance {}

    /// A session that has begun.
    ///
    /// @param sessionId its id
    /// @param before the id of the session that ended for it; null if there was none
    /// @param reason why it began
    record Began(String sessionId, @Nullable String before, String reason) {}

    /// It was accepted before and is under way.
    record UnderWay(Run run) implements Acceptance {}

    /// It was accepted before and has ended.
    record Ended(RunEnd end) implements Acceptance {}

    /// Another request was accepted under the same id.
    record Conflict() implements Acceptance {}

    /// Too much waits already; nothing was accepted.
    record Full(String why) implements Acceptance {}
}
