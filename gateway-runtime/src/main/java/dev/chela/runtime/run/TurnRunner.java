package dev.chela.runtime.run;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

import dev.chela.api.agent.EngineException;
import dev.chela.api.agent.Message;
import dev.chela.api.agent.Model;
import dev.chela.api.agent.ToolOffer;
import dev.chela.api.agent.ToolResult;
import dev.chela.api.agent.Turn;
import dev.chela.api.agent.TurnResult;
import dev.chela.api.agent.TurnSink;
import dev.chela.api.json.Json;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.RunTable.RunRow;
import dev.chela.runtime.store.RunTable.State;
import dev.chela.runtime.store.StoreException;

import org.jspecify.annotations.Nullable;

/// Lets an engine answer a run, on a thread of the engine's plugin, and says how that ended.
final class TurnRunner {

    private static final System.Logger LOG = System.getLogger("runs");
    /// A growing answer is told at most this often.
    static final Duration TELL_EVERY = Duration.ofMillis(150);
    /// How long an engine may take to stop when told to before it is named in the log.
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /// The longest answer, in bytes of JSON: it must fit into one event, which a client that reads can always be given.
    static final int MAX_ANSWER = 512 << 10;

    private final Runs.Parts parts;
    private final BiConsumer<Run, RunEnd> finish;

    TurnRunner(Runs.Parts parts, BiConsumer<Run, RunEnd> finish) {
        this.parts = parts;
        this.finish = finish;
    }

    /// Starts a run; returns at once.
    void start(Run run) {
        Optional<Agents.Choice> choice = enter(run.session().agent());
        if (choice.isEmpty()) {
            failSoon(run, null, new EngineException(EngineException.Kind.UNKNOWN,
                    "no engine answers for agent '" + run.session().agent() + "'; see `chela plugins list`"));
            return;
        }
        Agents.Choice chosen = choice.get();
        boolean taken = chosen.engine().owner().runWaiting(() -> {
            try {
                answer(run, chosen);
            } finally {
                chosen.engine().owner().leave();
            }
        });
        if (!taken) {
            chosen.engine().owner().leave();
            failSoon(run, chosen.model(), new EngineException(EngineException.Kind.RATE_LIMIT,
                    "too many runs of engine '" + chosen.engine().id() + "' are at work; try again"));
        }
    }

    /// The end of a run starts the next one, which may fail like this one: on a thread of its own, none waits on another's
    /// stack.
    private void failSoon(Run run, @Nullable Model model, Exception e) {
        parts.threads().workers().execute(() -> fail(run, model, e));
    }

    private Optional<Agents.Choice> enter(String agent) {
        while (true) {
            Optional<Agents.Choice> choice = parts.agents().choose(agent);
            if (choice.isEmpty() || choice.get().engine().owner().enter()) {
                return choice;
            }
        }
    }

    private void answer(Run run, Agents.Choice choice) {
        try {
            long place = begin(run);
            run.begin(Thread.currentThread(), parts.clock().millis());
            if (run.abortReason().isEmpty()) {
                parts.news().started(run, choice.model() == null ? null : choice.model().provider(),
                        choice.model() == null ? null : choice.model().id());
                choice.engine().owner().awaitQuiet();
                TurnResult result = choice.engine().engine().run(new LiveTurn(run, choice, place),
                        sink(run, choice.model()));
                finish.accept(run, answered(run, choice.model(), result));
            }
        } catch (InterruptedException e) {
            finish.accept(run, cut(run, State.ABORTED, run.abortReason().orElse("interrupted"), null));
        } catch (Throwable e) { // also what a plugin's missing class or endless recursion throws
            fail(run, choice.model(), e);
        } finally {
            run.leaveThread();
        }
    }

    /// Notes that an engine is at work; a message that waited takes its place in the transcript now.
    ///
    /// @return the place of the message
    private long begin(Run run) {
        RunRow row = run.row();
        long now = parts.clock().millis();
        Optional<Entry> placed = parts.store().note(tx -> {
            if (!tx.runs().started(row, now) || row.entrySeq() > 0) {
                return Optional.empty();
            }
            Entry entry = tx.entries().add(Entry.said(row.sessionId(), row.message(), now, row.id()));
            tx.sessions().touched(row.sessionKey(), now, RunNews.preview(row.message()));
            tx.runs().place(row, entry.seq());
            return Optional.of(entry);
        });
        placed.ifPresent(entry -> parts.news().messageAdded(run.session(), entry));
        run.expiresBy(parts.threads().after(timeout(run), () -> parts.threads().workers().execute(() -> expire(run))));
        return placed.map(Entry::seq).orElse(row.entrySeq());
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
            if (run.firstShown()) {
                parts.store().note(tx -> {
                    tx.runs().shown(run.row());
                    return true;
                });
            }
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

    private RunEnd answered(Run run, @Nullable Model model, TurnResult result) {
        return new RunEnd(State.FINISHED.name(), run.text(), result.stopReason().name(), null, null,
                model == null ? null : model.provider(), model == null ? null : model.id(),
                RunEnd.Tokens.of(result.usage()), run.startedAt(), parts.clock().millis());
    }

    /// How a run ends that somebody or something cut off.
    RunEnd cut(Run run, State state, String reason, @Nullable String error) {
        return new RunEnd(state.name(), run.text(), reason, error, null, null, null, RunEnd.Tokens.NONE,
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
        finish.accept(run, new RunEnd(State.FAILED.name(), run.text(), "error", message, kind,
                model == null ? null : model.provider(), model == null ? null : model.id(), RunEnd.Tokens.NONE,
                run.startedAt(), parts.clock().millis()));
    }

    /// The turn as the engine sees it.
    private final class LiveTurn implements Turn {

        private static final int MAX_HISTORY = 1000;

        private final Run run;
        private final Agents.Choice choice;
        private final long place;
        private final List<String> notes;
        private final Instant deadline;
        private final ToolCalls tools;

        LiveTurn(Run run, Agents.Choice choice, long place) {
            this.run = run;
            this.choice = choice;
            this.place = place;
            this.notes = parts.notes().take(run.session());
            this.deadline = Instant.ofEpochMilli(run.startedAt()).plus(timeout(run));
            this.tools = new ToolCalls(parts, run, new ToolCalls.Of(choice.model(), deadline, () -> tell(run)));
        }

        @Override
        public String runId() {
            return run.id();
        }

        @Override
        public SessionKey session() {
            return run.session();
        }

        @Override
        public String message() {
            if (notes.isEmpty()) {
                return run.row().message();
            }
            return "System: " + String.join("\nSystem: ", notes) + "\n\n" + run.row().message();
        }

        @Override
        public List<Message> history(int limit) {
            int count = Math.clamp(limit, 1, MAX_HISTORY);
            return PastMessages
                    .of(parts.store().read(tx -> tx.entries().before(run.row().sessionId(), place, count)));
        }

        @Override
        public Optional<Model> model() {
            return Optional.ofNullable(choice.model());
        }

        @Override
        public Optional<String> systemPrompt() {
            String own = choice.systemPrompt();
            String extra = run.options().extraPrompt();
            if (own == null || extra == null) {
                return Optional.ofNullable(own == null ? extra : own);
            }
            return Optional.of(own + "\n\n" + extra);
        }

        @Override
        public Instant deadline() {
            return deadline;
        }

        @Override
        public List<ToolOffer> tools() {
            return tools.offers();
        }

        @Override
        public ToolResult call(String callId, String name, Json arguments) throws InterruptedException {
            return tools.call(callId, name, arguments);
        }
    }
}
