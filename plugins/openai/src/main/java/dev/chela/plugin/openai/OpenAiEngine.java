package dev.chela.plugin.openai;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;

import dev.chela.api.agent.AgentEngine;
import dev.chela.api.agent.EngineException;
import dev.chela.api.agent.EngineException.Kind;
import dev.chela.api.agent.Message;
import dev.chela.api.agent.Model;
import dev.chela.api.agent.Turn;
import dev.chela.api.agent.TurnResult;
import dev.chela.api.agent.TurnResult.Usage;
import dev.chela.api.agent.TurnSink;
import dev.chela.api.json.Json;
import dev.chela.api.json.JsonTexts;
import dev.chela.plugin.openai.Conversation.Wishes;

/// Answers with what a provider's `chat/completions` streams.
final class OpenAiEngine implements AgentEngine {

    /// What comes behind the end of an answer is awaited this long, so that the connection can be used again.
    private static final Duration TAIL = Duration.ofMillis(20);

    /// How often a model may call tools before it has to answer.
    static final int MAX_ROUNDS = 60;

    private static final Duration GRACE = Duration.ofSeconds(1);

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
        var asking = new Asking(turn, target, new Conversation(turn, target, json));
        Usage usage = Usage.NONE;
        for (int round = 0; round < MAX_ROUNDS; round++) {
            Answer.Whole answer = answer(asking, sink);
            usage = sum(usage, answer.usage());
            asking.answered = true;
            if (answer.calls().isEmpty()) {
                return new TurnResult(answer.stopReason(), usage);
            }
            new ToolRound(turn, asking.conversation, json).call(answer, round);
            turn.steering().forEach(said -> asking.conversation
                    .add(new Message(Message.Speaker.USER, said, Instant.EPOCH)));
        }
        throw new EngineException(Kind.UNKNOWN, "the model called tools " + MAX_ROUNDS
                + " times in a row and never answered");
    }

    private static Usage sum(Usage one, Usage other) {
        return new Usage(one.input() + other.input(), one.output() + other.output(),
                one.cacheRead() + other.cacheRead());
    }

    private Answer.Whole answer(Asking asking, TurnSink sink) throws EngineException, InterruptedException {
        Target target = asking.target;
        Body body = begin(asking);
        try (body) {
            return read(body, asking.turn, target, sink);
        } catch (TimeoutException e) {
            throw new EngineException(Kind.TIMEOUT, target.name() + " fell silent in the middle of its answer", e);
        } catch (IOException e) {
            throw new EngineException(Kind.UNKNOWN, "the connection to " + target.name() + " broke off", e);
        }
    }

    /// One turn's questions to a provider, and what it turned out not to understand.
    private static final class Asking {
        private final Turn turn;
        private final Target target;
        private final Conversation conversation;
        private Wishes wishes;
        private boolean answered;

        Asking(Turn turn, Target target, Conversation conversation) {
            this.turn = turn;
            this.target = target;
            this.conversation = conversation;
            this.wishes = Wishes.ALL;
        }

        /// @return whether there was something the provider may do without
        boolean asksForLess(Refusal refusal) {
            if (wishes.usage() && refusal.names("stream_options")) {
                wishes = new Wishes(false, wishes.tools(), wishes.effort(), wishes.pictures());
                return true;
            } else if (wishes.pictures() && conversation.hasPictures() && refusal.isAboutPictures()) {
                wishes = new Wishes(wishes.usage(), wishes.tools(), wishes.effort(), false);
                return true;
            } else if (wishes.tools() && conversation.hasTools() && !answered && refusal.names("tool")) {
                wishes = new Wishes(wishes.usage(), false, wishes.effort(), wishes.pictures());
                return true;
            } else if (wishes.effort() && conversation.hasEffort() && refusal.names("reasoning")) {
                wishes = new Wishes(wishes.usage(), wishes.tools(), false, wishes.pictures());
                return true;
            }
            return false;
        }
    }

    /// Asks; a provider that can't count tokens, or whose model knows no tools, sees no pictures or cannot be told how
    /// hard to think, is asked once more without that.
    private Body begin(Asking asking) throws EngineException, InterruptedException {
        Target target = asking.target;
        Duration patience = left(asking.turn, provider.settings().firstByteTimeout());
        try {
            while (true) {
                HttpResponse<Body> response = provider.ask(target,
                        json.write(asking.conversation.request(asking.wishes)), patience);
                if (isAnswer(response)) {
                    return response.body();
                }
                Refusal refusal = Refusal.read(response, json);
                if (!asking.asksForLess(refusal)) {
                    throw refusal.explain(target, clock.instant());
                }
            }
        } catch (TimeoutException e) {
            throw new EngineException(Kind.TIMEOUT,
                    target.name() + " has not begun to answer within " + Refusal.shown(patience), e);
        } catch (IOException e) {
            throw Unreachable.explain(target, provider.settings().connectTimeout(), e);
        }
    }

    private static boolean isAnswer(HttpResponse<Body> response) {
        return response.statusCode() / 100 == 2;
    }

    /// At its deadline the gateway aborts a run by itself and says so; this is a second rope.
    private Duration left(Turn turn, Duration limit) {
        Duration left = Duration.between(clock.instant(), turn.deadline()).plus(GRACE);
        return left.compareTo(limit) < 0 ? Duration.ofMillis(Math.max(1, left.toMillis())) : limit;
    }

    private Answer.Whole read(Body body, Turn turn, Target target, TurnSink sink)
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
