package dev.chela.runtime.run;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import dev.chela.api.session.SessionKey;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.session.Notes;
import dev.chela.runtime.store.EntryTable.Cost;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.RunTable.RunRow;
import dev.chela.runtime.store.RunTable.State;
import dev.chela.runtime.store.Store;
import dev.chela.runtime.store.StoreException;
import dev.chela.runtime.store.Tx;

import org.jspecify.annotations.Nullable;

/// All runs: accepted durably before anybody is told so, one at a time per session in order of acceptance, sessions
/// side by side up to a cap, and taken up again after a crash. Safe for all threads.
public final class Runs {

    private static final System.Logger LOG = System.getLogger("runs");
    /// How long an ended run is remembered, so that a repeated request gets the same answer.
    private static final Duration REMEMBERED = Duration.ofDays(1);
    private static final Duration FORGET_EVERY = Duration.ofMinutes(10);
    /// How many runs of one session may wait for their turn.
    static final int MAX_WAITING = 200;
    /// How many runs may be open in all sessions, and how long their messages may be together.
    static final int MAX_OPEN = 10_000;
    private static final long MAX_OPEN_TEXT = 64L << 20;
    private static final String STOPPED = "the gateway stopped while this was being answered";

    private final Parts parts;
    private final JsonCodec codec = new JsonCodec();
    private final Map<SessionKey, Queue> queues = new ConcurrentHashMap<>();
    private final Map<Key, Run> open = new ConcurrentHashMap<>();
    private final Deque<Queue> eager = new ArrayDeque<>();
    private final TurnRunner runner;
    private int running;
    private volatile boolean pausing;
    private final AtomicLong changes = new AtomicLong();
    private final AtomicLong openText = new AtomicLong();

    /// What runs stand on.
    public record Parts(Store store, Agents agents, Notes notes, RunNews news, CoreThreads threads,
            InstantSource clock) {}

    /// What a run was accepted under.
    private record Key(String method, String principal, String id) {

        static Key of(RunRow row) {
            return new Key(row.method(), row.principal(), row.id());
        }
    }

    /// The runs of one session; its lock is held while one is accepted, so that the order in the store is the order here.
    private static final class Queue {
        private final Deque<Run> waiting = new ArrayDeque<>();
        private @Nullable Run current;
        private boolean waitsForRoom;
        /// Whether it was taken out of the map since nothing was in it; a run put in now would be lost to the session.
        private boolean forgotten;
    }

    /// No run yet; see [#recover].
    public Runs(Parts parts) {
        this.parts = parts;
        this.runner = new TurnRunner(parts, this::finish);
    }

    // ---- acceptance ----

    /// Accepts a message: its id, its text and its place in the queue are one transaction, which is on the disk when this
    /// returns. Waits for the disk.
    ///
    /// @param told tells the asker of a new run, before anybody hears of it
    public Acceptance accept(Ask ask, Consumer<Run> told) {
        Queue queue;
        Acceptance acceptance;
        do {
            queue = queues.computeIfAbsent(ask.session(), _ -> new Queue());
            acceptance = acceptInto(queue, ask);
        } while (acceptance == null);
        if (acceptance instanceof Acceptance.Accepted(Run run, Entry placed)) {
            told.accept(run);
            if (placed != null) {
                parts.news().messageAdded(ask.session(), placed);
            }
            parts.news().sessionChanged(ask.session(), "send", null, run.id());
            pump(queue);
        }
        forget(ask.session(), queue);
        return acceptance;
    }

    /// @return null if the queue was forgotten meanwhile
    private @Nullable Acceptance acceptInto(Queue queue, Ask ask) {
        synchronized (queue) {
            if (queue.forgotten) {
                return null;
            }
            boolean idle = queue.current == null && queue.waiting.isEmpty();
            Optional<Acceptance> full = full(queue, ask);
            Acceptance acceptance = parts.store().write(tx -> accept(tx, ask, idle, full));
            if (acceptance instanceof Acceptance.Accepted(Run run, Entry _)) {
                opened(run);
                queue.waiting.add(run);
                changes.incrementAndGet();
            }
            return acceptance;
        }
    }

    private Optional<Acceptance> full(Queue queue, Ask ask) {
        if (queue.waiting.size() >= MAX_WAITING) {
            return Optional.of(new Acceptance.Full(MAX_WAITING + " messages wait in this session already"));
        } else if (open.size() >= MAX_OPEN || openText.get() + ask.message().length() > MAX_OPEN_TEXT) {
            return Optional.of(new Acceptance.Full("too many messages wait for an answer"));
        }
        return Optional.empty();
    }

    private void opened(Run run) {
        if (open.put(Key.of(run.row()), run) == null) {
            openText.addAndGet(run.row().message().length());
        }
    }

    private void closed(Run run) {
        if (open.remove(Key.of(run.row()), run)) {
            openText.addAndGet(-run.row().message().length());
        }
    }

    /// @param full why nothing new is accepted; what was accepted before is known all the same
    private Acceptance accept(Tx tx, Ask ask, boolean idle, Optional<Acceptance> full) {
        Optional<RunRow> known = tx.runs().find(ask.method(), ask.principal(), ask.id());
        if (known.isPresent()) {
            return repeated(known.get(), ask);
        } else if (full.isPresent()) {
            return full.get();
        }
        long now = parts.clock().millis();
        String key = ask.session().toString();
        tx.sessions().ensure(key, ask.session().agent(), UUID.randomUUID().toString(), now);
        String sessionId = tx.sessions().find(key).orElseThrow().sessionId();
        // A message that will be answered at once is in the transcript at once; one that waits is added at its turn.
        Entry placed = idle ? addMessage(tx, ask.session(), sessionId, ask) : null;
        long place = placed == null ? 0 : placed.seq();
        var row = new RunRow(ask.id(), ask.method(), ask.principal(), ask.hash(), key, sessionId, place, ask.message(),
                State.QUEUED, now, 0, 0, false, codec.encode(StoredOptions.of(ask.options())).toString(), null);
        tx.runs().add(row);
        return new Acceptance.Accepted(new Run(row, ask.session(), ask.options()), placed);
    }

    private Acceptance repeated(RunRow row, Ask ask) {
        if (!row.requestHash().equals(ask.hash())) {
            return new Acceptance.Conflict();
        } else if (row.state().isFinal()) {
            return new Acceptance.Ended(RunEnd.of(row, codec));
        }
        Run run = open.get(Key.of(row));
        return run == null ? new Acceptance.Ended(RunEnd.of(row, codec)) : new Acceptance.UnderWay(run);
    }

    private Entry addMessage(Tx tx, SessionKey session, String sessionId, Ask ask) {
        long now = parts.clock().millis();
        Entry placed = tx.entries().add(Entry.said(sessionId, ask.message(), now, ask.id()));
        tx.sessions().touched(session.toString(), now, RunNews.preview(ask.message()));
        return placed;
    }

    // ---- the queues ----

    /// Starts the next run of a session if it is idle and there is room.
    private void pump(Queue queue) {
        Run next;
        synchronized (queue) {
            if (pausing || queue.current != null || queue.waiting.isEmpty() || queue.waitsForRoom) {
                return;
            }
            if (!takeRoom(queue)) {
                queue.waitsForRoom = true;
                return;
            }
            next = queue.waiting.removeFirst();
            queue.current = next;
        }
        runner.start(next);
    }

    private boolean takeRoom(Queue queue) {
        synchronized (eager) {
            if (running < parts.agents().maxConcurrent()) {
                running++;
                return true;
            }
            eager.add(queue);
            return false;
        }
    }

    private void giveRoom() {
        Queue next;
        synchronized (eager) {
            running--;
            next = eager.poll();
        }
        if (next != null) {
            synchronized (next) {
                next.waitsForRoom = false;
            }
            pump(next);
        }
    }

    /// Notes how a run ended, tells everybody, and goes on with the session's next one, whatever the telling came to.
    private void finish(Run run, RunEnd end) {
        var waiters = run.end(end);
        if (waiters == null) {
            return;
        }
        store(run, end);
        closed(run);
        changes.incrementAndGet();
        try {
            run.telling(() -> parts.news().ended(run, end));
            waiters.forEach(waiter -> waiter.accept(end));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the end of run " + run.id() + " cannot be told", e);
        }
        // Only now may the next one begin: nobody hears of its beginning before the end of this one.
        Queue queue = Objects.requireNonNull(queues.get(run.session()));
        boolean held;
        synchronized (queue) {
            held = queue.current == run;
            queue.waiting.remove(run);
            queue.current = held ? null : queue.current;
        }
        if (held) {
            giveRoom();
        }
        pump(queue);
        forget(run.session(), queue);
    }

    private void forget(SessionKey session, Queue queue) {
        synchronized (queue) {
            if (queue.current == null && queue.waiting.isEmpty() && !queue.waitsForRoom) {
                queue.forgotten = true;
                queues.remove(session, queue);
            }
        }
    }

    private void store(Run run, RunEnd end) {
        try {
            Optional<Entry> answer = parts.store().note(tx -> store(tx, run, end));
            answer.ifPresent(entry -> parts.news().messageAdded(run.session(), entry));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the end of run " + run.id() + " cannot be stored; it will be taken up again at the"
                    + " next start", e);
        }
    }

    private Optional<Entry> store(Tx tx, Run run, RunEnd end) {
        tx.runs().ended(run.row(), end.state(), end.endedAt(), codec.encode(end).toString());
        String key = run.session().toString();
        tx.sessions().ended(key, end.state() == State.ABORTED, end.provider(), end.model());
        placeOfOneThatNeverBegan(tx, run, end);
        if (end.text().isEmpty() && end.error() == null && end.state() != State.INTERRUPTED) {
            return Optional.empty();
        }
        var cost = new Cost(end.provider(), end.model(), end.usage().input(), end.usage().output(),
                end.usage().cacheRead());
        Entry answer = tx.entries().add(new Entry(UUID.randomUUID().toString(), run.row().sessionId(), 0, "assistant",
                end.text(), end.endedAt(), run.id(), end.stopReason(), end.error(), cost));
        if (end.isAnswered()) {
            tx.sessions().spent(key, cost.input(), cost.output());
        }
        tx.sessions().touched(key, end.endedAt(),
                RunNews.preview(end.text().isEmpty() ? String.valueOf(end.error()) : end.text()));
        return Optional.of(answer);
    }

    /// What was said stays in the transcript, even if it was stopped before its turn.
    private void placeOfOneThatNeverBegan(Tx tx, Run run, RunEnd end) {
        RunRow row = run.row();
        if (row.entrySeq() == 0 && tx.runs().find(row.method(), row.principal(), row.id())
                .filter(now -> now.entrySeq() == 0).isPresent()) {
            Entry said = tx.entries().add(Entry.said(row.sessionId(), row.message(), end.endedAt(), row.id()));
            tx.runs().place(row, said.seq());
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
            List<Run> all = new ArrayList<>();
            if (queue.current != null) {
                all.add(queue.current);
            }
            all.addAll(queue.waiting);
            all.removeIf(Run::isEnded);
            return all;
        }
    }

    /// The messages of a session that wait for their turn, in order.
    public List<RunRow> waiting(SessionKey session) {
        Queue queue = queues.get(session);
        if (queue == null) {
            return List.of();
        }
        synchronized (queue) {
            return queue.waiting.stream().filter(run -> !run.isEnded()).map(Run::row)
                    .filter(row -> row.entrySeq() == 0).toList();
        }
    }

    /// The run of an id that has not ended.
    public Optional<Run> find(String id) {
        return open.values().stream().filter(run -> run.id().equals(id)).findFirst();
    }

    /// How a run ended; empty if it is unknown or has not. Waits for the disk.
    public Optional<RunEnd> ended(String id) {
        return parts.store().read(tx -> tx.runs().find(id)).filter(row -> row.state().isFinal())
                .map(row -> RunEnd.of(row, codec));
    }

    /// Starts no more runs; what waits is on the disk and is taken up at the next start.
    public void pause() {
        pausing = true;
    }

    /// Ends what is still at work when the gateway stops: what has shown something gets a visible mark, everything else
    /// is taken up at the next start.
    public void interrupt() {
        for (Run run : List.copyOf(open.values())) {
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
        synchronized (eager) {
            return running;
        }
    }

    /// How many runs have not ended.
    public int count() {
        return open.size();
    }

    // ---- after a crash ----

    /// Takes up what a dead gateway left: what waited, waits; what ran and had shown nothing, runs again; what had shown
    /// something gets a visible mark and never runs again.
    ///
    /// @return how many will run
    public int recover() {
        forgetOld();
        parts.threads().every(FORGET_EVERY, () -> parts.threads().workers().execute(this::forgetOld));
        int taken = 0;
        for (RunRow row : parts.store().read(tx -> tx.runs().open())) {
            SessionKey session = parse(row.sessionKey());
            var run = new Run(row, session, codec.bind(JsonText.of(row.options()), StoredOptions.class).options());
            if (row.shown()) {
                store(run, runner.cut(run, State.INTERRUPTED, "interrupted", STOPPED));
                continue;
            }
            opened(run);
            Queue queue = queues.computeIfAbsent(session, _ -> new Queue());
            synchronized (queue) {
                queue.waiting.add(run);
            }
            taken++;
        }
        List.copyOf(queues.values()).forEach(this::pump);
        return taken;
    }

    private void forgetOld() {
        long before = parts.clock().millis() - REMEMBERED.toMillis();
        try {
            parts.store().note(tx -> {
                tx.runs().forget(before);
                return true;
            });
        } catch (StoreException e) {
            LOG.log(Level.WARNING, "ended runs cannot be forgotten: " + e.getMessage());
        }
    }

    private static SessionKey parse(String key) {
        String[] parts = key.split(":", 3);
        return new SessionKey(parts[1], parts[2]);
    }
}
