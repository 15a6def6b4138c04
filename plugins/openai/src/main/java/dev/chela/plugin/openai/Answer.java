package dev.chela.plugin.openai;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import dev.chela.api.agent.EngineException;
import dev.chela.api.agent.EngineException.Kind;
import dev.chela.api.agent.TurnResult.StopReason;
import dev.chela.api.agent.TurnResult.Usage;
import dev.chela.api.agent.TurnSink;
import dev.chela.api.json.Json;

/// One answer as its chunks come: passes the text on and keeps what is said about it. Used by one thread.
final class Answer {

    /// The longest answer, in characters: more than any model gives. The gateway has a limit in bytes.
    static final int MAX_LENGTH = 512 << 10;

    private final Target target;
    private final TurnSink sink;
    private final CalledTools tools;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder refusal = new StringBuilder();
    private long length;
    private String held = "";
    private String finish = "";
    private boolean begun;
    private Usage usage = Usage.NONE;

    Answer(Target target, TurnSink sink) {
        this.target = target;
        this.sink = sink;
        this.tools = new CalledTools(target);
    }

    /// Takes a chunk.
    ///
    /// @param member where its text is: `delta` in a stream, `message` in a whole answer
    /// @throws EngineException if it is an error
    void add(Json chunk, String member) throws EngineException {
        if (Refusal.isOne(chunk)) {
            throw Refusal.within(chunk).explain(target, Instant.EPOCH);
        }
        chunk.at("usage").ifPresent(this::count);
        for (Json choice : chunk.items("choices")) {
            if (choice.whole("index").orElse(0L) == 0) {
                add(choice, choice.at(member).orElse(Json.Null.VALUE));
            }
        }
    }

    private void add(Json choice, Json said) throws EngineException {
        begun = true;
        if (Refusal.isOne(choice)) {
            throw Refusal.within(choice).explain(target, Instant.EPOCH);
        }
        pass(content(said));
        Optional<Json> called = said.at("tool_calls");
        if (called.isPresent()) {
            tools.add(called.get());
        }
        said.text("refusal").filter(_ -> refusal.length() < 10_000).ifPresent(refusal::append);
        finish = choice.text("finish_reason").orElse(finish);
    }

    /// A string, or parts of which some are text.
    private static String content(Json said) {
        List<Json> parts = said.items("content");
        return parts.isEmpty()
                ? said.text("content").orElse("")
                : parts.stream().map(part -> part.text("text").orElse("")).collect(Collectors.joining());
    }

    /// A character may come in two halves, in two chunks; one that stays half is replaced.
    private void pass(String text) throws EngineException {
        if (text.isEmpty()) {
            return;
        }
        String all = held + text;
        int whole = Character.isHighSurrogate(all.charAt(all.length() - 1)) ? all.length() - 1 : all.length();
        held = all.substring(whole);
        length += whole;
        if (length > MAX_LENGTH) {
            throw new EngineException(Kind.UNKNOWN,
                    target.name() + " sent an answer longer than " + MAX_LENGTH + " characters");
        } else if (whole > 0) {
            show(wellFormed(all.substring(0, whole)));
        }
    }

    private void show(String piece) {
        text.append(piece);
        sink.text(piece);
    }

    private static String wellFormed(String text) {
        return text.codePoints().noneMatch(Answer::isHalf)
                ? text
                : text.codePoints().map(c -> isHalf(c) ? 0xFFFD : c)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    private static boolean isHalf(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    private void count(Json told) {
        long cached = told.at("prompt_tokens_details").flatMap(details -> details.whole("cached_tokens")).orElse(0L);
        usage = new Usage(Math.max(0, told.whole("prompt_tokens").orElse(0L)),
                Math.max(0, told.whole("completion_tokens").orElse(0L)), Math.max(0, cached));
    }

    /// A whole answer.
    ///
    /// @param calls the tools that are to be called before the model goes on; if there are none, the turn is over
    record Whole(String text, List<CalledTools.Called> calls, StopReason stopReason, Usage usage) {}

    /// How it ended.
    ///
    /// @param marked whether the provider marked the end; otherwise only a reason tells a whole answer from half of one
    Whole end(boolean marked) throws EngineException {
        if (!held.isEmpty()) {
            held = "";
            show("\uFFFD");
        }
        if (!begun) {
            throw new EngineException(Kind.UNKNOWN, target.name() + " sent no answer; is its baseUrl right?");
        } else if (finish.isEmpty() && !marked) {
            throw new EngineException(Kind.UNKNOWN, "the answer of " + target.name() + " broke off");
        } else if (finish.equals("content_filter")) {
            throw new EngineException(Kind.REFUSAL, target.name() + " withheld the answer: its content filter objects");
        } else if (!refusal.isEmpty() && length == 0) {
            throw new EngineException(Kind.REFUSAL, "the model refused: " + Masking.mask(refusal.toString(),
                    target.apiKey()));
        }
        // A call that the limit cut off must not be made.
        return finish.equals("length")
                ? new Whole(text.toString(), List.of(), StopReason.LENGTH, usage)
                : new Whole(text.toString(), tools.whole(), StopReason.STOP, usage);
    }
}
