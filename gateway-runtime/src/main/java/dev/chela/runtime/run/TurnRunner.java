package dev.chela.runtime.run;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;

import dev.chela.api.agent.EngineException;
import dev.chela.api.agent.Model;
import dev.chela.api.agent.TurnResult;
import dev.chela.api.agent.TurnSink;
import dev.chela.api.hook.PromptBuilding;
import dev.chela.api.session.CommandCall;
import dev.chela.runtime.lifecycle.Owner;
import dev.chela.runtime.session.SessionSettings;
import dev.chela.runtime.session.Setting;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.RunTable.State;
import dev.chela.runtime.store.StoreException;

import org.jspecify.annotations.Nullable;

/// Lets an engine answer a run, or a command or claim of a plugin in its place, on a thread of that plugin, and says how
/// that ended.
final class TurnRunner {

    private static final System.Logger LOG = System.getLogger("runs");
    /// A growing answer is told at most this often.
    static final Duration TELL_EVERY = Duration.ofMillis(150);
    /// How long an engine may take to stop when told to before it is named in the log.
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /// The longest answer, in bytes of JSON: it must fit into one event, which a client that reads can always be given.
    static final int MAX_ANSWER = 512 << 10;

    /// Failures that another model may not have.
    private static final Set<EngineException.Kind> PASSING = Set.of(EngineException.Kind.RATE_LIMIT,
            EngineException.Kind.TIMEOUT, EngineException.Kind.UNKNOWN);
    /// How a run ends that no engine answered.
    private static final TurnResult INJECTED = new TurnResult(new TurnResult.StopReason("injected"),
            TurnResult.Usage.NONE);

    private final Runs.Parts parts;
    private final RunHooks hooks;
    private final RunLedger ledger;
    private final Upwards upwards;
    private final BiConsumer<Run, RunEnd> finish;

    /// What the queues do for it.
    ///
    /// @param finish ends a run
    record Upwards(BiConsumer<Run, RunEnd> finish, TakeOver takeOver) {}

    /// Lets a run take over waiting ones.
    interface TakeOver {

        /// Lets work take those of a mode.
        ///
        /// @param work gets those that may be taken, and says whether it took them
        void apply(Run lead, QueueMode mode, Function<List<Run>, Boolean> work);
    }

    TurnRunner(Runs.Parts parts, RunHooks hooks, RunLedger ledger, Upwards upwards) {
        this.parts = parts;
        this.hooks = hooks;
        this.ledger = ledger;
        this.upwards = upwards;
        this.finish = upwards.finish();
    }

    /// Starts a run; returns at once.
    void start(Run run) {
        guarded(run, () -> assign(run, run.options().command()));
    }

    /// Whatever goes wrong before an engine is at work ends the run: nobody else would.
    private void guarded(Run run, Runnable start) {
        try {
            start.run();
        } catch (Throwable e) { // also what has to do with neither the store nor the engine
            failSoon(run, null, e);
        }
    }

    private void assign(Run run, @Nullable String command) {
        if (command != null) {
            startCommand(run, command);
            return;
        }
        SessionSettings settings = parts.store().read(tx -> tx.sessions().find(run.row().sessionKey()))
                .map(row -> SessionSettings.of(row.settings())).orElse(SessionSettings.NONE);
        settings.get(Setting.VERBOSE).ifPresent(run::verbose);
        if (hooks.chooseModels()) {
            // Nobody else waits for what a plugin takes its time to choose.
            Thread.ofPlatform().name("chela-choose").daemon().start(() -> choose(run, settings));
        } else {
            start(run, settings, settings.get(Setting.MODEL));
        }
    }

    private void choose(Run run, SessionSettings settings) {
        try {
            start(run, settings, hooks.model(run, settings.get(Setting.MODEL), parts.agents()));
        } catch (Throwable e) { // this thread has nobody above it
            fail(run, null, e);
        }
    }

    private void start(Run run, SessionSettings settings, Optional<String> model) {
        Optional<Agents.Choice> choice = enter(run.session().agent(), model);
        if (choice.isEmpty()) {
            failSoon(run, null, new EngineException(EngineException.Kind.UNKNOWN,
                    "no engine answers for agent '" + run.session().agent() + "'; see `chela plugins list`"));
            return;
        }
        Agents.Choice chosen = choice.get();
        Owner owner = chosen.engine().owner();
        if (!isTaken(owner, () -> answer(run, chosen, settings))) {
            failSoon(run, chosen.model(), new EngineException(EngineException.Kind.RATE_LIMIT,
                    "too many runs of engine '" + chosen.engine().id() + "' are at work; try again"));
        }
    }

    /// Lets an owner that was entered do something, and leaves it when that is done.
    ///
    /// @return false if too much of it is at work already
    private static boolean isTaken(Owner owner, Runnable work) {
        boolean taken = owner.runWaiting(() -> {
            try {
                work.run();
            } finally {
                owner.leave();
            }
        });
        if (!taken) {
            owner.leave();
        }
        return taken;
    }

    private void startCommand(Run run, String name) {
        Optional<Commands.Entry> found;
        do {
            found = parts.commands().get().find(name);
        } while (found.isPresent() && !found.get().owner().enter());
        if (found.isEmpty()) {
            failSoon(run, null, new EngineException(EngineException.Kind.UNKNOWN,
                    "there is no command /" + name + " any more"));
            return;
        }
        Commands.Entry entry = found.get();
        if (!isTaken(entry.owner(), () -> answer(run, entry))) {
            failSoon(run, null, new EngineException(EngineException.Kind.RATE_LIMIT,
                    "too many commands of plugin '" + entry.owner().id() + "' are at work; try again"));
        }
    }

    /// What a command did cannot be undone, so that it counts as shown before it begins.
    private void answer(Run run, Commands.Entry entry) {
        attempt(run, null, _ -> false, () -> {
            begin(run);
            show(run);
            run.begin(Thread.currentThread(), parts.clock().millis());
            if (run.abortReason().isEmpty()) {
                parts.news().started(run);
                entry.owner().awaitQuiet();
                String arguments = Commands.Typed.of(run.row().message()).orElseThrow().arguments();
                String text = entry.command().handler().run(new CommandCall(run.session(), run.id(), arguments));
                if (!run.grows(text, MAX_ANSWER)) {
                    throw new EngineException(EngineException.Kind.UNKNOWN,
                            "the answer is longer than " + (MAX_ANSWER >> 10) + " KiB");
                }
                run.append(text, parts.clock().millis(), Long.MAX_VALUE);
                finish.accept(run, answered(run, null, INJECTED));
            }
        });
    }

    private void show(Run run) {
        if (!run.isShown()) {
            parts.store().note(tx -> {
                tx.runs().shown(run.row());
                return true;
            });
            run.shown();
        }
    }

    /// Lets a plugin answer; whatever it does, the run ends or goes on elsewhere.
    ///
    /// @param otherwise lets it go on after a failure; false if it ends
    private void attempt(Run run, @Nullable Model model, Predicate<Throwable> otherwise, Attempt attempt) {
        try {
            attempt.run();
        } catch (InterruptedException e) {
            finish.accept(run, cut(run, State.ABORTED, run.abortReason().orElse("interrupted"), null));
        } catch (Throwable e) { // also what a plugin's missing class or endless recursion throws
            run.leaveThread();
            if (!otherwise.test(e)) {
                fail(run, model, e);
            }
            return;
        }
        run.leaveThread();
    }

    private interface Attempt {

        void run() throws Exception;
    }

    /// The end of a run starts the next one, which may fail like this one: on a thread of its own, none waits on another's
    /// stack.
    private void failSoon(Run run, @Nullable Model model, Throwable e) {
        parts.threads().workers().execute(() -> fail(run, model, e));
    }

    private Optional<Agents.Choice> enter(String agent, Optional<String> model) {
        while (true) {
            Optional<Agents.Choice> choice = parts.agents().choose(agent, model);
            if (choice.isEmpty() || choice.get().engine().owner().enter()) {
                return choice;
            }
        }
    }

    private void answer(Run run, Agents.Choice choice, SessionSettings settings) {
        attempt(run, choice.model(), e -> fallsBack(run, choice.model(), settings, e), () -> {
            begin(run);
            boolean first = run.begin(Thread.currentThread(), parts.clock().millis());
            if (run.abortReason().isPresent() || (first && isTakenByAPlugin(run))) {
                return;
            }
            if (choice.model() != null) {
                parts.news().asks(run, choice.model());
            }
            choice.engine().owner().awaitQuiet();
            TurnResult result = choice.engine().engine().run(turn(run, choice, settings),
                    sink(run, choice.model()));
            finish.accept(run, answered(run, choice.model(), result));
        });
    }

    private LiveTurn turn(Run run, Agents.Choice choice, SessionSettings settings) throws InterruptedException {
        PromptBuilding prompt = hooks.prompt(run, systemPrompt(choice.systemPrompt(), run.options().extraPrompt()),
                message(run.notes(() -> parts.notes().take(run.session())), run.message()));
        Instant deadline = Instant.ofEpochMilli(run.startedAt()).plus(timeout(run));
        var tools = new ToolCalls(parts, hooks, run, new ToolCalls.Of(choice.model(), deadline, () -> tell(run)));
        return new LiveTurn(parts.store(), run, choice, settings, prompt, tools, () -> steering(run));
    }

    private static String message(List<String> notes, String said) {
        return notes.isEmpty() ? said : "System: " + String.join("\nSystem: ", notes) + "\n\n" + said;
    }

    private static Optional<String> systemPrompt(@Nullable String own, @Nullable String extra) {
        if (own == null || extra == null) {
            return Optional.ofNullable(own == null ? extra : own);
        }
        return Optional.of(own + "\n\n" + extra);
    }

    /// @return whether a plugin answered instead of the engine
    private boolean isTakenByAPlugin(Run run) throws Exception {
        parts.news().started(run);
        Optional<String> refusal = hooks.refusal(run);
        if (refusal.isPresent()) {
            throw new EngineException(EngineException.Kind.REFUSAL, refusal.get());
        }
        Optional<String> claimed = hooks.claimed(run);
        if (claimed.isPresent()) {
            show(run);
            run.append(claimed.get(), parts.clock().millis(), Long.MAX_VALUE);
            finish.accept(run, answered(run, null, INJECTED));
        }
        return claimed.isPresent();
    }

    /// Asks the next model if one failed in a way that another may not.
    private boolean fallsBack(Run run, @Nullable Model model, SessionSettings settings, Throwable e) {
        if (!(e instanceof EngineException known) || !PASSING.contains(known.kind())) {
            return false;
        }
        String failed = model == null ? null : model.ref();
        Optional<String> next = run.nextModel(failed, parts.agents().fallbacks(run.session().agent()));
        next.ifPresent(ref -> {
            LOG.log(Level.WARNING, "run " + run.id() + ": " + failed + " failed, " + ref + " is asked instead: "
                    + known.getMessage());
            parts.news().fallsBack(run, String.valueOf(failed), ref, String.valueOf(known.getMessage()));
            parts.threads().workers().execute(() -> guarded(run, () -> start(run, settings, next)));
        });
        return next.isPresent();
    }

    /// Notes that an engine is at work; a message that waited takes its place in the transcript now.
    private void begin(Run run) {
        if (run.mode() == QueueMode.COLLECT && run.place() == 0) {
            upwards.takeOver().apply(run, QueueMode.COLLECT, taken -> begin(run, taken));
        } else {
            begin(run, List.of());
        }
        if (run.startedAt() == 0) {
            expireLater(run);
        }
    }

    /// @return whether it took others over
    private boolean begin(Run run, List<Run> taken) {
        Optional<Entry> placed = ledger.begin(run, taken);
        placed.ifPresent(entry -> {
            run.place(entry.seq());
            run.says(RunLedger.said(run, taken));
            parts.news().messageAdded(run.session(), entry);
        });
        return placed.isPresent();
    }

    /// What people want the engine at work to take into account.
    private List<String> steering(Run run) {
        List<String> texts = new ArrayList<>();
        if (hooks.mayRefuse()) {
            return texts; // each of them is shown to the plugins in its turn
        }
        upwards.takeOver().apply(run, QueueMode.STEER, waiting -> {
            if (waiting.isEmpty()) {
                return false;
            }
            List<Entry> entries = ledger.steer(run, waiting);
            run.shown();
            entries.forEach(entry -> {
                texts.add(entry.text());
                parts.news().messageAdded(run.session(), entry);
            });
            return !entries.isEmpty();
        });
        return texts;
    }

    private void expireLater(Run run) {
        run.expiresBy(parts.threads().after(timeout(run), () -> parts.threads().workers().execute(() -> expire(run))));
    }

    private Duration timeout(Run run) {
        return run.options().timeout() == null ? parts.agents().timeout() : run.options().timeout();
    }

    /// Names an engine that does not stop when told to; the session goes on without it.
    void watch(Run run) {
        var _ = parts.threads().after(PATIENCE, () -> {
            if (run.isAtWork()) {
                LOG.log(Level.WARNING, "run " + run.id() + " was stopped " + PATIENCE.toSeconds()
                        + " s ago, but its engine still works on it");
            }
        });
    }

    private void expire(Run run) {
        if (run.abort("timeout")) {
            watch(run);
            finish.accept(run, cut(run, State.ABORTED, "timeout", null));
        }
    }

    // ---- the answer ----

    private TurnSink sink(Run run, @Nullable Model model) {
        return said -> {
            String delta = said.isEmpty() ? "" : run.joined(said);
            if (run.isEnded()) {
                throw new IllegalStateException("the run " + run.id() + " has ended");
            } else if (delta.isEmpty()) {
                return;
            } else if (!run.grows(delta, MAX_ANSWER)) {
                String tooLong = "the answer is longer than " + (MAX_ANSWER >> 10) + " KiB";
                fail(run, model, new EngineException(EngineException.Kind.UNKNOWN, tooLong));
                throw new IllegalStateException(tooLong);
            }
            show(run);
            switch (run.append(delta, parts.clock().millis(), TELL_EVERY.toMillis())) {
                case NOW -> tell(run);
                case LATER -> tellLater(run);
                case NOT_YET -> {
                }
            }
        };
    }

    private void tellLater(Run run) {
        var _ = parts.threads().after(TELL_EVERY, () -> parts.threads().drainers().execute(() -> tell(run)));
    }

    private void tell(Run run) {
        run.telling(() -> run.takeUntold(parts.clock().millis())
                .ifPresent(progress -> parts.news().progressed(run, progress)));
    }

    private RunEnd answered(Run run, @Nullable Model model, TurnResult result) throws InterruptedException {
        return new RunEnd(State.FINISHED.name(), hooks.answer(run), result.stopReason().name(), null, null,
                model == null ? null : model.provider(), model == null ? null : model.id(),
                RunEnd.Tokens.of(result.usage()), run.startedAt(), parts.clock().millis());
    }

    /// How a run ends that somebody or something cut off.
    RunEnd cut(Run run, State state, String reason, @Nullable String error) {
        return new RunEnd(state.name(), hooks.remains(run), reason, error, null, null, null, RunEnd.Tokens.NONE,
                run.startedAt(), parts.clock().millis());
    }

    private void fail(Run run, @Nullable Model model, Throwable e) {
        String message;
        String kind = EngineException.Kind.UNKNOWN.name();
        if (e instanceof EngineException known) {
            message = String.valueOf(known.getMessage());
            kind = known.kind().name();
            LOG.log(Level.WARNING, "run " + run.id() + " failed: " + message);
            if (known.getCause() != null) {
                LOG.log(Level.DEBUG, "why run " + run.id() + " failed", known.getCause());
            }
        } else if (e instanceof StoreException) {
            message = "the gateway's store failed";
            LOG.log(Level.ERROR, "run " + run.id() + " failed", e);
        } else {
            message = "the engine failed; the gateway's log says why";
            LOG.log(Level.ERROR, "run " + run.id() + " failed", e);
        }
        finish.accept(run, new RunEnd(State.FAILED.name(), hooks.remains(run), "error", message, kind,
                model == null ? null : model.provider(), model == null ? null : model.id(), RunEnd.Tokens.NONE,
                run.startedAt(), parts.clock().millis()));
    }
}
