package dev.chela.plugin.openai;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;

import dev.chela.api.agent.AgentEngine;
import dev.chela.api.agent.EngineException;
import dev.chela.api.agent.EngineException.Kind;
import dev.chela.api.agent.Model;
import dev.chela.api.agent.Turn;
import dev.chela.api.agent.TurnResult;
import dev.chela.api.agent.TurnSink;
import dev.chela.api.json.Json;
import dev.chela.api.json.JsonTexts;

/// Answers with what a provider's `chat/completions` streams.
final class OpenAiEngine implements AgentEngine {

    /// What comes behind the end of an answer is awaited this long, so that the connection can be used again.
    private static final Duration TAIL = Duration.ofMillis(20);

    private final Defaults defaults;
    private final Provider provider;
    private final JsonTexts json;
    private final InstantSource clock;

    OpenAiEngine(Defaults defaults, Provider provider, JsonTexts json, InstantSource clock) {
        this.defaults = defaults;
        this.provider = provider;
        this.json = json;
        this.clock = clock;
    }

    @Override
    public Set<String> apis() {
        return Set.of("openai-completions");
    }

    @Override
    public Optional<Model> defaultModel() {
        return Optional.ofNullable(defaults.model())
                .map(id -> new Model(Defaults.PROVIDER, id, id, 0, 0, null));
    }

    @Override
    public TurnResult run(Turn turn, TurnSink sink) throws EngineException, InterruptedException {
        Target target = Target.of(turn.model().or(this::defaultModel), defaults);
        Body body = begin(turn, target);
        try (body) {
            return read(body, turn, target, sink);
        } catch (TimeoutException e) {
            throw new EngineException(Kind.TIMEOUT, target.name() + " fell silent in the middle of its answer", e);
        } catch (IOException e) {
            throw new EngineException(Kind.UNKNOWN, "the connection to " + target.name() + " broke off", e);
        }
    }

    /// Asks; a provider that can't count tokens is asked once more without that.
    private Body begin(Turn turn, Target target) throws EngineException, InterruptedException {
        Duration patience = left(turn, provider.settings().firstByteTimeout());
        try {
            HttpResponse<Body> response = ask(turn, target, true, patience);
            if (isAnswer(response)) {
                return response.body();
            }
            Refusal refusal = Refusal.read(response, json);
            if (refusal.names("stream_options")) {
                response = ask(turn, target, false, patience);
                if (isAnswer(response)) {
                    return response.body();
                }
                refusal = Refusal.read(response, json);
            }
            throw refusal.explain(target, clock.instant());
        } catch (TimeoutException e) {
            throw new EngineException(Kind.TIMEOUT,
                    target.name() + " has not begun to answer within " + Refusal.shown(patience), e);
        } catch (IOException e) {
            throw Unreachable.explain(target, provider.settings().connectTimeout(), e);
        }
    }

    private HttpResponse<Body> ask(Turn turn, Target target, boolean usage, Duration patience)
            throws IOException, InterruptedException, TimeoutException {
        return provider.ask(target, json.write(Conversation.request(turn, target, usage)), patience);
    }

    private static boolean isAnswer(HttpResponse<Body> response) {
        return response.statusCode() / 100 == 2;
    }

    private Duration left(Turn turn, Duration limit) throws EngineException {
        Duration left = Duration.between(clock.instant(), turn.deadline());
        if (!left.isPositive()) {
            throw new EngineException(Kind.TIMEOUT, "the time for this run is used up");
        }
        return left.compareTo(limit) < 0 ? left : limit;
    }

    private TurnResult read(Body body, Turn turn, Target target, TurnSink sink)
            throws EngineException, IOException, InterruptedException, TimeoutException {
        Duration idle = left(turn, provider.settings().idleTimeout());
        var lines = new Lines(body, () -> idle);
        var answer = new Answer(target, sink);
        Optional<String> first = lines.next();
        while (first.isPresent() && first.get().isBlank()) {
            first = lines.next();
        }
        if (first.isPresent() && first.get().stripLeading().startsWith("{")) {
            answer.add(parse(whole(first.get(), lines), target), "message");
            return answer.end(true);
        }
        var events = new ServerEvents(lines, first.orElse(""));
        for (Optional<String> data = events.next(); data.isPresent(); data = events.next()) {
            if (data.get().strip().equals("[DONE]")) {
                skipTail(body);
                return answer.end(true);
            } else if (!data.get().isBlank()) {
                answer.add(parse(data.get(), target), "delta");
            }
        }
        return answer.end(false);
    }

    private static String whole(String first, Lines lines)
            throws EngineException, IOException, InterruptedException, TimeoutException {
        var whole = new StringBuilder(first);
        for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
            whole.append('\n').append(line.get());
        }
        return whole.toString();
    }

    private Json parse(String text, Target target) throws EngineException {
        try {
            return json.read(text);
        } catch (IllegalArgumentException e) {
            throw new EngineException(Kind.UNKNOWN, target.name() + " sent something that is not JSON", e);
        }
    }

    private static void skipTail(Body body) throws InterruptedException {
        try {
            for (int i = 0; i < 3 && body.next(TAIL).isPresent(); i++) {
                // only the end matters
            }
        } catch (IOException | TimeoutException e) {
            // then the connection is closed with the body
        }
    }
}
