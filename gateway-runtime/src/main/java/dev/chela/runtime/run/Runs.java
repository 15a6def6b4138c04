package dev.chela.runtime.run;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.chela.api.session.SessionKey;
import dev.chela.runtime.hook.Hooks;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.session.Notes;
import dev.chela.runtime.session.ResetPolicy;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.RunTable.State;
import dev.chela.runtime.store.Store;
import dev.chela.runtime.store.StoreException;
import dev.chela.runtime.store.Work;

import org.jspecify.annotations.Nullable;

/// All runs: accepted durably before anybody is told so, one at a time per session in order of acceptance, sessions
/// side by side up to a cap, and taken up again after a crash. Safe for all threads.
public final class Runs {

    private static final System.Logger LOG = System.getLogger("runs");
    private static final Duration FORGET_EVERY = Duration.ofMinutes(10);
    /// How many runs of one session may wait for their turn.
    static final int MAX_WAITING = 200;
    private static final String STOPPED = "the gateway stopped while this was being answered";

    private final Parts parts;
    private final RunLedger ledger;
    private final RunHooks hooks;
    private final Map<SessionKey, Queue> queues = new ConcurrentHashMap<>();
    private final OpenRuns open = new OpenRuns();
    private final Rooms rooms;
    private final TurnRunner runner;
    private volatile boolean pausing;
    private final AtomicLong changes = new AtomicLong();

    /// What runs stand on.
    ///
    /// @param commands the slash commands of plugins at the moment
    /// @param resets when sessions begin anew by themselves
    /// @param outgoing takes answers for channels
    public record Parts(Store store, Agents agents, Toolbox tools, Notes notes, RunNews news, CoreThreads threads,
            InstantSource clock, Supplier<Commands> commands, Supplier<ResetPolicy> resets, Hooks hooks,
            Outgoing outgoing) {}

    /// No run yet; see [#recover].
    public Runs(Parts parts) {
        this.parts = parts;
        this.ledger = new RunLedger(parts);
        this.rooms = new Rooms(parts.agents()::maxConcurrent);
        this.hooks = new RunHooks(parts.hooks(), parts.store());
        this.runner = new TurnRunner(parts, hooks, ledger, new TurnRunner.Upwards(this::finish, this::takeOver));
    }

    // ---- acceptance ----

    /// Accepts a message: its id, its text and its place in the queue are one transaction, which is on the disk when this
    /// returns. Waits for the disk.
    ///
    /// @param told tells the asker of a new run, before anybody hears of it
    public Acceptance accept(Ask asked, Consumer<Run> told) {
        return parts.threads().call(() -> acceptNow(asked, told));
    }

    private Acceptance acceptNow(Ask asked, Consumer<Run> told) {
        Ask ask = asked.queued(parts.agents().queueMode());
        Queue queue;
        Acceptance acceptance;
        do {
            queue = queues.computeIfAbsent(ask.session(), Queue::new);
            acceptance = acceptInto(queue, ask);
        } while (acceptance == null);
        if (acceptance instanceof Acceptance.Accepted(Run run, Entry placed, var began)) {
            try {
                told.accept(run);
                tell(ask, run, placed, began);
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "the acceptance of run " + run.id() + " cannot be told", e);
            } finally {
                pump(queue); // it was accepted, so that it is answered whoever hears of it
                interruptFor(run);
            }
        }
        forget(ask.session(), queue);
        return acceptance;
    }

    private void interruptFor(Run run) {
        Queue queue = queues.get(run.session());
        if (run.mode() != QueueMode.INTERRUPT || queue == null) {
            return;
        }
        Run atWork;
        synchronized (queue) {
            atWork = queue.current;
        }
        if (atWork != null && atWork != run) {
            abort(atWork, "interrupt");
        }
    }

    private void tell(Ask ask, Run run, @Nullable Entry placed, Acceptance.@Nullable Began began) {
        hooks.began(ask.session(), began);
        hooks.received(run);
        if (placed != null) {
            parts.news().messageAdded(ask.session(), placed);
        }
        parts.news().sessionChanged(ask.session(), "send", null, run.id());
    }

    /// Answers what needs no engine: at once, whatever is at work in the session, and under the same rules for repeated
    /// requests as a run. Waits for the disk.
    ///
    /// @param answer says what to answer; not called if the request is known already
    /// @param told tells the asker, before anybody hears of it
    public Acceptance reply(Ask ask, Supplier<String> answer, Consumer<String> told) {
        if (isKnown(ask)) {
            return ledger.accept(ask, false, Optional.empty(), open::find);
        }
        RunLedger.Reply reply = ledger.reply(ask, answer.get());
        told.accept(ask.id());
        hooks.began(ask.session(), reply.began());
        parts.news().messageAdded(ask.session(), reply.entry());
        parts.news().injected(ask.session(), ask.id(), reply.entry());
        parts.news().sessionChanged(ask.session(), "command", null, ask.id());
        if (ask.options().reply() != null) {
            parts.outgoing().added(ask.options().reply().route().address());
        }
        return new Acceptance.Ended(reply.end());
    }

    /// Whether something was accepted under the same id before.
    public boolean isKnown(Ask ask) {
        return parts.store().read(tx -> tx.runs().find(ask.method(), ask.principal(), ask.id())).isPresent();
    }

    /// @return null if the queue was forgotten meanwhile
    private @Nullable Acceptance acceptInto(Queue queue, Ask ask) {
        synchronized (queue) {
            if (queue.forgotten) {
                return null;
            }
            Optional<Acceptance> full = full(queue, ask);
            Acceptance acceptance = ledger.accept(ask, queue.isIdle(), full, open::find);
            if (acceptance instanceof Acceptance.Accepted(Run run, Entry _, var _)) {
                open.add(run);
                queue.waiting.add(run);
                changes.incrementAndGet();
            }
            return acceptance;
        }
    }

    private Optional<Acceptance> full(Queue queue, Ask ask) {
        if (queue.waiting.size() >= MAX_WAITING) {
            return Optional.of(new Acceptance.Full(MAX_WAITING + " messages wait in this session already"));
        } else if (!open.hasRoomFor(ask)) {
            return Optional.of(new Acceptance.Full("too many messages wait for an answer"));
        }
        return Optional.empty();
    }

    // ---- the queues ----

    /// Starts the next run of a session if it is idle and there is room.
    private void pump(Queue queue) {
        Run next;
        synchronized (queue) {
            if (pausing || queue.current != null || queue.waiting.isEmpty() || queue.waitsForRoom) {
                return;
            }
            if (!rooms.take(queue)) {
                queue.waitsForRoom = true;
                return;
            }
            next = queue.waiting.removeFirst();
            queue.current = next;
        }
        runner.start(next);
    }

    /// Offers the room to those who wait for it until one takes it: a session that waits may have nothing left to run.
    private void giveRoom(Queue queue) {
        rooms.give(queue);
        for (Queue next = rooms.next(); next != null; next = rooms.next()) {
            synchronized (next) {
                next.waitsForRoom = false;
            }
            pump(next);
            forget(next.session, next);
        }
    }

    /// Lets a run take over waiting ones of a mode: their messages become its own, in one transaction, and they end without
    /// an answer of their own.
    ///
    /// @param work the transaction; called while nothing comes into the session's queue
    private void takeOver(Run lead, QueueMode mode, Function<List<Run>, Boolean> work) {
        parts.threads().call(() -> {
            takeOverNow(lead, mode, work);
            return true;
        });
    }

    private void takeOverNow(Run lead, QueueMode mode, Function<List<Run>, Boolean> work) {
        Queue queue = queues.get(lead.session());
        if (queue == null) {
            return; // it has ended meanwhile
        }
        List<Run> taken;
        synchronized (queue) {
            taken = queue.next(lead, mode).stream().filter(Run::claim).toList();
            boolean took = false;
            try {
                took = work.apply(taken);
            } finally {
                if (!took) {
                    taken.forEach(Run::unclaim);
                }
            }
            if (!took) {
                return;
            }
            queue.waiting.removeAll(taken);
        }
        for (Run run : taken) {
            RunEnd end = ledger.takenOver(mode);
            List<Consumer<RunEnd>> waiters = run.end(end);
            if (waiters != null) {
                leave(run, end, waiters);
            }
        }
    }

    /// Notes how a run ended, tells everybody, and goes on with the session's next one, whatever the telling came to.
    private void finish(Run run, RunEnd end) {
        var waiters = run.end(end);
        if (waiters == null) {
            return;
        }
        guarded(run, () -> ledger.end(run, end));
        leave(run, end, waiters);
    }

    private void leave(Run run, RunEnd end, List<Consumer<RunEnd>> waiters) {
        open.remove(run);
        changes.incrementAndGet();
        guarded(run, () -> run.telling(() -> parts.news().ended(run, end)));
        waiters.forEach(waiter -> guarded(run, () -> waiter.accept(end)));
        guarded(run, () -> hooks.ended(run, end));
        // Only now may the next one begin: nobody hears of its beginning before the end of this one.
        Queue queue = queues.get(run.session());
        if (queue == null) {
            return; // another one took it over, and the session has nothing left since
        }
        boolean held;
        synchronized (queue) {
            held = queue.current == run;
            queue.waiting.remove(run);
            queue.current = held ? null : queue.current;
            queue.notifyAll();
        }
        if (held) {
            giveRoom(queue);
        }
        pump(queue);
        forget(run.session(), queue);
    }

    /// Whoever cannot be told keeps nobody else from being told.
    private static void guarded(Run run, Runnable telling) {
        try {
            telling.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the end of run " + run.id() + " cannot be told", e);
        }
    }

    private void forget(SessionKey session, Queue queue) {
        synchronized (queue) {
            if (queue.isIdle() && !queue.waitsForRoom) {
                queue.forgotten = true;
                queues.remove(session, queue);
            }
        }
    }

    // ---- stopping ----

    /// Stops a run.
    ///
    /// @param reason such as `rpc`, `stop` or `timeout`
    /// @return whether it was under way and not stopped before
    public boolean abort(Run run, String reason) {
        if (!run.abort(reason)) {
            return false;
        }
        runner.watch(run);
        finish(run, runner.cut(run, State.ABORTED, reason, null));
        return true;
    }

    /// The runs of a session that are at work or waiting, in order.
    public List<Run> of(SessionKey session) {
        Queue queue = queues.get(session);
        if (queue == null) {
            return List.of();
        }
        synchronized (queue) {
            return queue.open();
        }
    }

    /// The messages of a session that wait for their turn, in order, as they will be in its transcript.
    public List<Entry> waiting(SessionKey session) {
        Queue queue = queues.get(session);
        if (queue == null) {
            return List.of();
        }
        synchronized (queue) {
            return queue.waiting.stream().filter(run -> !run.isEnded() && run.row().entrySeq() == 0)
                    .map(run -> run.ask().said(run.row().sessionId(), run.row().acceptedAt())).toList();
        }
    }

    /// The run of an id that has not ended.
    public Optional<Run> find(String id) {
        return open.find(id);
    }

    /// How a run ended; empty if it is unknown or has not. Waits for the disk.
    public Optional<RunEnd> ended(String id) {
        return ledger.ended(id);
    }

    /// Stops all runs of a session and does something to it while none is at work or waiting: one transaction, which is on
    /// the disk when this returns.
    ///
    /// @param reason why runs are stopped, such as `reset`
    public <T> T alone(SessionKey session, String reason, Work<T> work) {
        while (true) {
            of(session).reversed().forEach(run -> abort(run, reason));
            Queue queue = queues.computeIfAbsent(session, Queue::new);
            synchronized (queue) {
                if (!queue.forgotten && queue.isIdle()) {
                    try {
                        return parts.store().write(work);
                    } finally {
                        forget(session, queue);
                    }
                }
                awaitEnd(queue);
            }
        }
    }

    /// Another thread is about to write down how a run ended; the store is not interrupted either.
    private static void awaitEnd(Queue queue) {
        try {
            queue.wait(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while the runs of the session ended");
        }
    }

    /// Starts no more runs; what waits is on the disk and is taken up at the next start.
    public void pause() {
        pausing = true;
    }

    /// Ends what is still at work when the gateway stops: what has shown something gets a visible mark, everything else
    /// is taken up at the next start.
    public void interrupt() {
        for (Run run : open.all()) {
            boolean stays = !run.isAtWork()
                    || run.leave(runner.cut(run, State.INTERRUPTED, "interrupted", STOPPED));
            if (!stays && run.abort("interrupted")) {
                finish(run, runner.cut(run, State.INTERRUPTED, "interrupted", STOPPED));
            }
        }
    }

    /// Raised whenever a run comes or goes.
    public long changes() {
        return changes.get();
    }

    /// How many runs are at work.
    public int running() {
        return rooms.running();
    }

    /// How many runs have not ended.
    public int count() {
        return open.count();
    }

    // ---- after a crash ----

    /// Takes up what a dead gateway left: what waited, waits; what ran and had shown nothing, runs again; what had shown
    /// something gets a visible mark and never runs again.
    ///
    /// @return how many will run
    public int recover() {
        ledger.forgetOld();
        parts.threads().every(FORGET_EVERY, () -> parts.threads().workers().execute(ledger::forgetOld));
        int taken = 0;
        for (Run run : ledger.open()) {
            if (run.row().shown()) {
                ledger.end(run, runner.cut(run, State.INTERRUPTED, "interrupted", STOPPED));
                continue;
            }
            open.add(run);
            Queue queue = queues.computeIfAbsent(run.session(), Queue::new);
            synchronized (queue) {
                queue.waiting.add(run);
            }
            taken++;
        }
        List.copyOf(queues.values()).forEach(this::pump);
        return taken;
    }
}
