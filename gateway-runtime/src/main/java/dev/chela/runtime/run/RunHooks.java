package dev.chela.runtime.run;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import dev.chela.api.agent.Attachment;
import dev.chela.api.hook.AnswerWriting;
import dev.chela.api.hook.MessageReceived;
import dev.chela.api.hook.ModelChoosing;
import dev.chela.api.hook.PromptBuilding;
import dev.chela.api.hook.RunClaiming;
import dev.chela.api.hook.RunEnded;
import dev.chela.api.hook.RunStarting;
import dev.chela.api.hook.SessionCompacted;
import dev.chela.api.hook.SessionEnded;
import dev.chela.api.hook.SessionStarted;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.hook.Hooks;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.store.Store;

import org.jspecify.annotations.Nullable;

/// The moments of runs and sessions at which plugins have a say.
final class RunHooks {

    /// The longest message and the longest prompt a hook may make, in UTF-16 units.
    private static final int MAX_PROMPT = 4_000_000;

    private final Hooks hooks;
    private final Store store;

    RunHooks(Hooks hooks, Store store) {
        this.hooks = hooks;
        this.store = store;
    }

    private List<Attachment> attachments(Run run) {
        return StoredAttachment.of(store, run.ask().attached());
    }

    void received(Run run) {
        hooks.announce(new MessageReceived(run.session(), run.id(), run.row().method(), run.row().message(),
                attachments(run)));
    }

    /// Whether plugins want a say in which model is taken.
    boolean chooseModels() {
        return hooks.has(ModelChoosing.class);
    }

    /// The model for a run.
    ///
    /// @param chosen what was chosen for the session
    Optional<String> model(Run run, Optional<String> chosen, Agents agents) throws InterruptedException {
        return hooks.change(new ModelChoosing(run.session(), run.id(), chosen),
                changed -> changed.model().filter(ref -> !agents.isKnown(ref)).isEmpty()).model();
    }

    /// Whether plugins look at messages before they are answered.
    boolean mayRefuse() {
        return hooks.has(RunStarting.class) || hooks.has(RunClaiming.class);
    }

    /// Why a run may not be answered.
    Optional<String> refusal(Run run) throws InterruptedException {
        return hooks.refusal(new RunStarting(run.session(), run.id(), run.message(), attachments(run)));
    }

    /// The answer of a plugin that takes a run from its engine.
    Optional<String> claimed(Run run) throws InterruptedException {
        return hooks.claimed(new RunClaiming(run.session(), run.id(), run.message(), attachments(run)),
                RunHooks::isAnswer);
    }

    /// What the engine is asked.
    PromptBuilding prompt(Run run, Optional<String> systemPrompt, String message) throws InterruptedException {
        return hooks.change(new PromptBuilding(run.session(), run.id(), systemPrompt, message),
                prompt -> prompt.message().length() <= MAX_PROMPT
                        && prompt.systemPrompt().map(String::length).orElse(0) <= MAX_PROMPT);
    }

    /// A text of an answer as it is written down.
    String written(Run run, String text) throws InterruptedException {
        return text.isEmpty()
                ? text
                : hooks.change(new AnswerWriting(run.session(), run.id(), text), changed -> isAnswer(changed.text()))
                        .text();
    }

    /// The whole answer as it is written down.
    String answer(Run run) throws InterruptedException {
        return run.whole(written(run, run.rest()));
    }

    /// The same of an answer that was cut off: that must be told even if this wait is cut short.
    String remains(Run run) {
        if (!hooks.has(AnswerWriting.class)) {
            return run.whole(run.rest());
        }
        try {
            return answer(run);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return run.whole(run.rest());
        }
    }

    private static boolean isAnswer(String text) {
        return JsonText.encodedLength(text) <= TurnRunner.MAX_ANSWER;
    }

    void ended(Run run, RunEnd end) {
        Duration took = end.startedAt() == 0 ? Duration.ZERO : Duration.ofMillis(end.endedAt() - end.startedAt());
        hooks.announce(new RunEnded(run.session(), run.id(), end.outcome().toLowerCase(Locale.ROOT), end.text(),
                Optional.ofNullable(end.error()), took));
    }

    void began(SessionKey session, Acceptance.@Nullable Began began) {
        if (began == null) {
            return;
        } else if (began.before() != null) {
            ended(session, began.before(), began.reason());
        }
        hooks.announce(new SessionStarted(session, began.sessionId(), began.reason()));
    }

    void ended(SessionKey session, String sessionId, String reason) {
        hooks.announce(new SessionEnded(session, sessionId, reason));
    }

    void compacted(SessionKey session, int putAway, int kept) {
        hooks.announce(new SessionCompacted(session, putAway, kept));
    }
}
