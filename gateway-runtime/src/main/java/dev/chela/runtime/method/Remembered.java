package dev.chela.runtime.method;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;

import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;

/// Answers to questions that many clients ask again and again, kept until what they tell of has changed.
///
/// @param <Q> the question; equal ones have equal answers
final class Remembered<Q> {

    private static final int MAX_ANSWERS = 64;
    /// Answers tell the time, so they are not kept for ever even if nothing changes.
    private static final Duration FRESH = Duration.ofSeconds(5);

    private final LongSupplier version;
    private final InstantSource clock;
    private final Function<Q, Object> answer;
    private final JsonCodec codec = new JsonCodec();
    private final Map<Q, Kept> kept = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Q, Kept> eldest) {
            return size() > MAX_ANSWERS;
        }
    });

    private record Kept(JsonText text, long version, long at) {}

    /// @param version changes whenever an answer may have
    /// @param answer finds an answer
    Remembered(LongSupplier version, InstantSource clock, Function<Q, Object> answer) {
        this.version = version;
        this.clock = clock;
        this.answer = answer;
    }

    JsonText get(Q question) {
        long now = clock.millis();
        long before = version.getAsLong(); // taken first: a change while the answer is found makes it old at once
        Kept known = kept.get(question);
        if (known == null || known.version() != before || now - known.at() > FRESH.toMillis()) {
            known = new Kept(codec.encode(answer.apply(question)), before, now);
            kept.put(question, known);
        }
        return known.text();
    }
}
