package dev.chela.runtime.run;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.chela.api.session.SessionKey;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.lifecycle.Backoff;
import dev.chela.runtime.store.EntryTable.Cost;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.RunTable.RunRow;
import dev.chela.runtime.store.RunTable.State;
import dev.chela.runtime.store.SessionTable.SessionRow;
import dev.chela.runtime.store.StoreException;
import dev.chela.runtime.store.Tx;

import org.jspecify.annotations.Nullable;

/// What is on the disk of runs: their acceptance, their end, and what both add to transcripts.
final class RunLedger {

    private static final System.Logger LOG = System.getLogger("runs");
    /// How long an ended run is remembered, so that a repeated request gets the same answer.
    private static final Duration REMEMBERED = Duration.ofDays(1);
    /// The same for messages of channels: services repeat what they are not sure of for days.
    private static final Duration ARRIVAL_REMEMBERED = Duration.ofDays(7);
    private static final Backoff AGAIN = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));
    private static final String TOO_LONG = "The answer took too long and was stopped.";

    private final Runs.Parts parts;
    private final JsonCodec codec = new JsonCodec();

    RunLedger(Runs.Parts parts) {
        this.parts = parts;
    }

    /// Accepts a message in one transaction, which is on the disk when this returns.
    ///
    /// @param idle whether nothing is at work or waiting in the session
    /// @param full why nothing new is accepted; what was accepted before is known all the same
    /// @param open finds a run that has not ended
    Acceptance accept(Ask ask, boolean idle, Optional<Acceptance> full, Function<RunRow, @Nullable Run> open) {
        return parts.store().write(tx -> accept(tx, ask, idle, full, open));
    }

    private Acceptance accept(Tx tx, Ask ask, boolean idle, Optional<Acceptance> full,
            Function<RunRow, @Nullable Run> open) {
        Optional<RunRow> known = tx.runs().find(ask.method(), ask.principal(), ask.id());
        if (known.isPresent()) {
            return repeated(known.get(), ask, open);
        } else if (full.isPresent()) {
            return full.get();
        }
        long now = parts.clock().millis();
        String key = ask.session().toString();
        Acceptance.Began began = ensure(tx, ask.session(), now);
        // What a plugin asks by itself, such as a heartbeat, ends no session: only a person notices that a new day began.
        if (began == null && idle && ask.options().source() == null) {
            began = beginAnewIfDue(tx, key, now);
        }
        String sessionId = tx.sessions().find(key).orElseThrow().sessionId();
        if (ask.options().reply() != null && ask.options().reply().how() == Ask.How.ARRIVED) {
            tx.sessions().route(key, ask.options().reply().route().stored());
        }
        Ask.Attachments came = ask.options().attachments();
        if (came != null) {
            ask.uploads().forEach(one -> tx.attachments().keep(came.messageId(), one.about().hash(), one.content()));
        }
        // A message that will be answered at once is in the transcript at once; one that waits is added at its turn.
        Entry placed = idle ? addMessage(tx, ask.session(), sessionId, ask) : null;
        long place = placed == null ? 0 : placed.seq();
        var row = new RunRow(ask.id(), ask.method(), ask.principal(), ask.hash(), key, sessionId, place, ask.message(),
                State.QUEUED, now, 0, 0, false, codec.encode(StoredOptions.of(ask.options())).toString(), null);
        tx.runs().add(row);
        return new Acceptance.Accepted(new Run(row, ask.session(), ask.options()), placed, began);
    }

    private Acceptance.@Nullable Began beginAnewIfDue(Tx tx, String key, long now) {
        SessionRow session = tx.sessions().find(key).orElseThrow();
        Optional<String> reason = parts.resets().get().reason(session.updatedAt(), now);
        if (reason.isEmpty() || tx.entries().last(session.sessionId()) == 0) {
            return null;
        }
        String id = UUID.randomUUID().toString();
        tx.sessions().beginAnew(session, id, now, reason.get());
        return new Acceptance.Began(id, session.sessionId(), reason.get());
    }

    /// Makes a session if it is not there.
    static Acceptance.@Nullable Began ensure(Tx tx, SessionKey session, long now) {
        String id = UUID.randomUUID().toString();
        boolean made = tx.sessions().ensure(session.toString(), session.agent(), id, now);
        return made ? new Acceptance.Began(id, null, "created") : null;
    }

    private Acceptance repeated(RunRow row, Ask ask, Function<RunRow, @Nullable Run> open) {
        if (!row.requestHash().equals(ask.hash())) {
            return new Acceptance.Conflict();
        } else if (row.state().isFinal()) {
            return new Acceptance.Ended(RunEnd.of(row, codec));
        }
        Run run = open.apply(row);
        return run == null ? new Acceptance.Ended(RunEnd.of(row, codec)) : new Acceptance.UnderWay(run);
    }

    private Entry addMessage(Tx tx, SessionKey session, String sessionId, Ask ask) {
        long now = parts.clock().millis();
        Entry placed = tx.entries().add(ask.said(sessionId, now));
        tx.sessions().touched(session.toString(), now, ask.preview());
        return placed;
    }

    /// An answer without a run.
    record Reply(Entry entry, RunEnd end, Acceptance.@Nullable Began began) {}

    /// Adds an answer that needed no engine; the question is not shown.
    Reply reply(Ask ask, String text) {
        return parts.store().write(tx -> {
            long now = parts.clock().millis();
            String key = ask.session().toString();
            Acceptance.Began began = ensure(tx, ask.session(), now);
            String sessionId = tx.sessions().find(key).orElseThrow().sessionId();
            Entry entry = tx.entries().add(Entry.noted(sessionId, text, now, ask.id(), "injected"));
            tx.sessions().noted(key, now, RunNews.preview(text));
            var end = new RunEnd(State.FINISHED.name(), text, "injected", null, null, null, null, RunEnd.Tokens.NONE,
                    now, now);
            tx.runs().add(new RunRow(ask.id(), ask.method(), ask.principal(), ask.hash(), key, sessionId, entry.seq(),
                    ask.message(), State.FINISHED, now, now, now, true, "{}", codec.encode(end).toString()));
            if (ask.options().reply() != null) {
                parts.outgoing().add(tx, ask, text);
            }
            return new Reply(entry, end, began);
        });
    }

    /// Notes how a run ended, and tells those who follow the session what that added to it. What cannot be written now is
    /// written later: as long as this gateway lives, an answer is not lost to a full disk.
    void end(Run run, RunEnd end) {
        end(run, end, 1);
    }

    private void end(Run run, RunEnd end, int attempt) {
        Optional<Entry> answer;
        try {
            answer = parts.store().note(tx -> store(tx, run, end));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the end of run " + run.id() + " cannot be stored now", e);
            var _ = parts.threads().after(AGAIN.after(attempt),
                    () -> parts.threads().workers().execute(() -> end(run, end, attempt + 1)));
            return;
        }
        answer.ifPresent(entry -> parts.news().messageAdded(run.session(), entry));
        Ask.Reply reply = run.options().reply();
        if (reply != null) {
            parts.outgoing().added(reply.route().address());
        }
    }

    private Optional<Entry> store(Tx tx, Run run, RunEnd end) {
        tx.runs().ended(run.row(), end.state(), end.endedAt(), codec.encode(end).toString());
        String key = run.session().toString();
        tx.sessions().ended(key, end.state() == State.ABORTED, end.provider(), end.model());
        placeOfOneThatNeverBegan(tx, run, end);
        if (run.options().reply() != null) {
            parts.outgoing().add(tx, run.ask(), toBeSent(end));
        }
        String text = run.untaken(end.text());
        if (end.isAnswered()) {
            tx.sessions().spent(key, end.usage().input(), end.usage().output());
        }
        var cost = new Cost(end.provider(), end.model(), end.usage().input(), end.usage().output(),
                end.usage().cacheRead());
        if (text.isEmpty() && end.error() == null && end.state() != State.INTERRUPTED) {
            tx.entries().charge(run.row().sessionId(), run.id(), cost); // its words stand before its last tool
            return Optional.empty();
        }
        Entry answer = tx.entries().add(new Entry(UUID.randomUUID().toString(), run.row().sessionId(), 0, "assistant",
                text, end.endedAt(), run.id(), end.stopReason(), end.error(), cost, null));
        tx.sessions().touched(key, end.endedAt(),
                RunNews.preview(end.text().isEmpty() ? String.valueOf(end.error()) : end.text()));
        return Optional.of(answer);
    }

    /// What people in a channel are told. That somebody stopped the answer they know without us.
    private static String toBeSent(RunEnd end) {
        if (end.state() == State.ABORTED) {
            return end.stopReason().equals("timeout") ? TOO_LONG : "";
        } else if (end.error() == null) {
            return end.text();
        }
        return end.text().isEmpty() ? end.error() : end.text() + "\n\n[" + end.error() + "]";
    }

    /// What was said stays in the transcript, even if it was stopped before its turn.
    private void placeOfOneThatNeverBegan(Tx tx, Run run, RunEnd end) {
        RunRow row = run.row();
        if (row.entrySeq() == 0 && tx.runs().find(row.method(), row.principal(), row.id())
                .filter(now -> now.entrySeq() == 0).isPresent()) {
            Entry said = tx.entries().add(run.ask().said(row.sessionId(), end.endedAt()));
            tx.runs().place(row, said.seq());
        }
    }

    /// Puts a message that waited into the transcript as its engine begins, with those it takes over.
    ///
    /// @return its place; empty if it has ended, or has one already
    Optional<Entry> begin(Run run, List<Run> taken) {
        RunRow row = run.row();
        long now = parts.clock().millis();
        return parts.store().note(tx -> {
            if (!tx.runs().started(row, now) || run.place() > 0) {
                return Optional.empty();
            }
            String message = said(run, taken);
            if (!taken.isEmpty()) {
                tx.runs().message(row, message);
            }
            Ask all = run.ask().saying(message);
            Entry entry = tx.entries().add(all.said(row.sessionId(), now));
            tx.sessions().touched(row.sessionKey(), now, all.preview());
            tx.runs().place(row, entry.seq());
            takeOver(tx, taken, entry.seq(), QueueMode.COLLECT);
            return Optional.of(entry);
        });
    }

    /// What is asked together.
    static String said(Run run, List<Run> taken) {
        return Stream.concat(Stream.of(run), taken.stream()).map(one -> one.row().message())
                .collect(Collectors.joining("\n\n"));
    }

    /// Puts messages into the transcript that an engine at work takes into account. Whatever it says from now on has seen
    /// them, so that it counts as having shown something.
    ///
    /// @return their places; empty if the run has ended
    List<Entry> steer(Run run, List<Run> taken) {
        long now = parts.clock().millis();
        return parts.store().write(tx -> {
            if (run.isEnded()) {
                return List.of();
            }
            tx.runs().shown(run.row());
            List<Entry> entries = new ArrayList<>();
            for (Run one : taken) {
                RunRow row = one.row();
                Entry entry = tx.entries().add(Entry.said(row.sessionId(), row.message(), now, row.id()));
                tx.runs().place(row, entry.seq());
                takeOver(tx, List.of(one), entry.seq(), QueueMode.STEER);
                entries.add(entry);
            }
            return entries;
        });
    }

    private void takeOver(Tx tx, List<Run> taken, long place, QueueMode mode) {
        RunEnd end = takenOver(mode);
        for (Run run : taken) {
            tx.runs().place(run.row(), place);
            tx.runs().ended(run.row(), end.state(), end.endedAt(), codec.encode(end).toString());
        }
    }

    /// How a run ends whose message another one has taken over.
    RunEnd takenOver(QueueMode mode) {
        return new RunEnd(State.FINISHED.name(), "", mode == QueueMode.STEER ? "steered" : "collected", null, null,
                null, null, RunEnd.Tokens.NONE, 0, parts.clock().millis());
    }

    /// How a run ended; empty if it is unknown or has not.
    Optional<RunEnd> ended(String id) {
        return parts.store().read(tx -> tx.runs().find(id)).filter(row -> row.state().isFinal())
                .map(row -> RunEnd.of(row, codec));
    }

    /// The runs that have not ended, in order of acceptance, as a gateway that died left them.
    List<Run> open() {
        return parts.store().read(tx -> tx.runs().open()).stream().map(row -> new Run(row, parse(row.sessionKey()),
                codec.bind(JsonText.of(row.options()), StoredOptions.class).options())).toList();
    }

    private static SessionKey parse(String key) {
        String[] parts = key.split(":", 3);
        return new SessionKey(parts[1], parts[2]);
    }

    /// Forgets runs that ended long ago; their messages stay.
    void forgetOld() {
        long now = parts.clock().millis();
        try {
            parts.store().note(tx -> {
                tx.runs().forget(now - REMEMBERED.toMillis(), Ask.FROM_CHANNEL,
                        now - ARRIVAL_REMEMBERED.toMillis());
                return true;
            });
        } catch (StoreException e) {
            LOG.log(Level.WARNING, "ended runs cannot be forgotten: " + e.getMessage());
        }
    }
}
