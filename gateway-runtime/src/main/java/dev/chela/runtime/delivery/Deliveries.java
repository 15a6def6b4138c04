package dev.chela.runtime.delivery;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Future;

import dev.chela.api.channel.Channel;
import dev.chela.runtime.hook.Hooks;
import dev.chela.runtime.lifecycle.Backoff;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.run.Ask;
import dev.chela.runtime.run.Outgoing;
import dev.chela.runtime.run.RunNews;
import dev.chela.runtime.store.OutboxTable.Address;
import dev.chela.runtime.store.OutboxTable.Counts;
import dev.chela.runtime.store.OutboxTable.Filter;
import dev.chela.runtime.store.OutboxTable.Item;
import dev.chela.runtime.store.OutboxTable.Origin;
import dev.chela.runtime.store.OutboxTable.OutboxRow;
import dev.chela.runtime.store.OutboxTable.State;
import dev.chela.runtime.store.Store;
import dev.chela.runtime.store.StoreException;
import dev.chela.runtime.store.Tx;

import org.jspecify.annotations.Nullable;

/// Sends what is in the outbox: to one place in order of acceptance, to different places side by side, again and again until
/// the service has it or there is no point any more. Safe for all threads.
///
/// Everything it knows is in the store; in memory are only the places at work, those that stand in line for their account, and
/// the timers of those that wait.
public final class Deliveries implements Outgoing {

    private static final System.Logger LOG = System.getLogger("delivery");
    private static final Duration FORGET_EVERY = Duration.ofMinutes(10);
    /// How long one that was sent or dropped is remembered, so that a repeated request gets the same answer.
    private static final Duration REMEMBERED = Duration.ofDays(1);
    /// When to look again if the store fails.
    private static final Duration TROUBLED = Duration.ofSeconds(1);
    /// How long sending may go on when the gateway stops.
    private static final Duration STOP = Duration.ofSeconds(3);
    /// When to look again, at the latest, for what found an account busy or down.
    private static final Duration LATER = Duration.ofSeconds(5);
    private static final Duration LATEST = Duration.ofHours(1);
    /// How long accounts may take to come up before anything is given up for them, in attempts.
    private static final int GRACE = 10;
    /// How long what was given up is kept for an operator.
    private static final Duration FAILED_KEPT = Duration.ofDays(30);

    private final Parts parts;
    private final Settling settling = new Settling();
    private final Set<Address> busy = new HashSet<>();
    private final Set<Address> again = new HashSet<>();
    private final Map<Address, Future<?>> timers = new HashMap<>();
    /// Places that found their account busy, in order; by account.
    private final Map<String, SequencedSet<Address>> crowded = new HashMap<>();
    private volatile @Nullable Carrier carrier;
    private volatile boolean isTroubled;
    private volatile long begunAt;
    private boolean started;
    private boolean stopped;

    /// What it stands on.
    ///
    /// @param runNews tells of messages added to sessions
    public record Parts(Store store, CoreThreads threads, InstantSource clock, Hooks hooks, DeliveryNews news,
            RunNews runNews, Pace pace) {}

    /// How patient it is.
    ///
    /// @param retries between attempts
    /// @param giveUpAfter counted from the acceptance
    /// @param attempt how long one may take
    public record Pace(Backoff retries, Duration giveUpAfter, Duration attempt) {

        /// As released.
        public static Pace standard() {
            return new Pace(new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5)), Duration.ofDays(1),
                    Duration.ofMinutes(1));
        }
    }

    /// Nothing is sent before [#start].
    public Deliveries(Parts parts) {
        this.parts = parts;
    }

    // ---- what comes in ----

    @Override
    public void add(Tx tx, Ask ask, String text) {
        Ask.Reply reply = ask.options().reply();
        if (reply == null) {
            return;
        }
        Address address = reply.route().address();
        String answers = reply.messageId();
        for (String part : Texts.parts(text, textLimit(address.channel()))) {
            var origin = new Origin(ask.session().toString(), ask.id(), null);
            var content = new Content(part, null, null, null, null);
            tx.outbox().add(UUID.randomUUID().toString(), new Item(address, answers, content.stored(), origin),
                    parts.clock().millis());
            answers = null; // the parts behind the first one answer the first one, so to speak
        }
    }

    @Override
    public void added(Address address) {
        look(address);
    }

    int textLimit(String channel) {
        Carrier now = carrier;
        return now == null ? Channel.DEFAULT_TEXT_LIMIT : now.textLimit(channel);
    }

    Parts parts() {
        return parts;
    }

    Settling settling() {
        return settling;
    }

    // ---- going on ----

    /// Sets what carries messages; nothing is sent before [#start].
    public void carryBy(Carrier with) {
        carrier = with;
    }

    /// Begins to send; what was being sent when the gateway died may have arrived and is marked.
    public void start() {
        begunAt = System.nanoTime();
        synchronized (busy) {
            started = true;
        }
        int interrupted = parts.store().write(tx -> tx.outbox().recover());
        if (interrupted > 0) {
            LOG.log(Level.WARNING,
                    interrupted + " messages were being sent when the gateway ended; they are sent again,"
                            + " marked as repeated");
        }
        forgetOld();
        parts.threads().every(FORGET_EVERY, () -> parts.threads().workers().execute(this::forgetOld));
        parts.store().read(tx -> tx.outbox().places()).forEach(this::look);
    }

    private void forgetOld() {
        long now = parts.clock().millis();
        try {
            int dropped = parts.store().note(tx -> {
                tx.outbox().forget(now - REMEMBERED.toMillis());
                return tx.outbox().dropFailed(now - FAILED_KEPT.toMillis(), now);
            });
            if (dropped > 0) {
                LOG.log(Level.WARNING, dropped + " messages that were given up " + FAILED_KEPT.toDays()
                        + " days ago are dropped");
            }
        } catch (StoreException e) {
            LOG.log(Level.WARNING, "sent messages cannot be forgotten: " + e.getMessage());
        }
    }

    /// An account runs now: whatever waits for it is sent.
    public void available(String channel, String account) {
        parts.threads().workers().execute(() -> {
            try {
                parts.store().read(tx -> tx.outbox().places()).stream()
                        .filter(place -> place.channel().equals(channel) && place.account().equals(account))
                        .forEach(this::look);
            } catch (StoreException e) {
                var _ = parts.threads().after(TROUBLED, () -> available(channel, account));
            }
        });
    }

    /// Looks for what is to be sent next to a place.
    void look(Address place) {
        parts.threads().workers().execute(() -> lookNow(place));
    }

    private void lookNow(Address place) {
        synchronized (busy) {
            if (stopped || !started) {
                return;
            } else if (!busy.add(place)) {
                again.add(place);
                return;
            }
            Future<?> timer = timers.remove(place);
            if (timer != null) {
                timer.cancel(false);
            }
        }
        boolean handedOver = false;
        try {
            handedOver = begin(place);
            isTroubled = false;
        } catch (RuntimeException e) {
            if (!isTroubled) { // once, not for every place
                isTroubled = true;
                LOG.log(Level.ERROR, "messages cannot be sent now", e);
            }
            lookAfter(place, TROUBLED);
        } finally {
            if (!handedOver) {
                release(place);
            }
        }
    }

    /// @return whether somebody else will release the place
    private boolean begin(Address place) {
        Carrier now = carrier;
        Optional<OutboxRow> next = parts.store().read(tx -> tx.outbox().next(place));
        if (next.isEmpty() || now == null) {
            return false;
        }
        OutboxRow row = next.get();
        long wait = row.progress().nextAt() - parts.clock().millis();
        if (wait > 0 && wait <= parts.pace().giveUpAfter().toMillis()) { // a longer one was set by a clock that was wrong
            lookAfter(place, Duration.ofMillis(wait));
            return false;
        }
        var attempt = new Attempt(this, row);
        return switch (now.begin(place.channel(), place.account(), attempt::run)) {
            case BEGUN -> true;
            case DOWN -> {
                waitForAccount(place, row);
                yield false;
            }
            case BUSY -> {
                waitForRoom(place);
                yield false;
            }
        };
    }

    /// It is looked at again when the account runs, or when it is too old.
    private void waitForAccount(Address place, OutboxRow row) {
        long left = row.progress().since() + parts.pace().giveUpAfter().toMillis() - parts.clock().millis();
        long grace = grace();
        if (left <= 0 && grace > 0) { // after a long night all accounts are on their way up
            lookAfter(place, Duration.ofMillis(grace));
        } else if (left <= 0) {
            new Attempt(this, row).giveUp();
            synchronized (busy) {
                again.add(place);
            }
        } else {
            lookAfter(place, Duration.ofMillis(Math.min(left, LATEST.toMillis())));
        }
    }

    /// How long accounts may still take to come up after the start, ms; not positive if no longer.
    long grace() {
        return parts.pace().attempt().toMillis() * GRACE - (System.nanoTime() - begunAt) / 1_000_000;
    }

    private void waitForRoom(Address place) {
        synchronized (busy) {
            crowded.computeIfAbsent(account(place), _ -> new LinkedHashSet<>()).add(place);
        }
        lookAfter(place, LATER);
    }

    private static String account(Address place) {
        return place.channel() + ":" + place.account();
    }

    private void lookAfter(Address place, Duration delay) {
        synchronized (busy) {
            if (!stopped) {
                Future<?> before = timers.put(place, parts.threads().after(delay, () -> look(place)));
                if (before != null) {
                    before.cancel(false);
                }
            }
        }
    }

    /// Lets the next message for a place go.
    void release(Address place) {
        boolean more;
        synchronized (busy) {
            busy.remove(place);
            more = again.remove(place);
            busy.notifyAll();
        }
        if (more) {
            look(place);
        }
    }

    /// The same after an attempt, whatever came of it.
    void ended(Address place) {
        Address next;
        synchronized (busy) {
            again.add(place);
            next = nextInLine(account(place));
        }
        release(place);
        if (next != null) {
            look(next);
        }
    }

    private @Nullable Address nextInLine(String account) {
        SequencedSet<Address> line = crowded.get(account);
        if (line == null) {
            return null;
        }
        Address next = line.removeFirst();
        if (line.isEmpty()) {
            crowded.remove(account);
        }
        return next;
    }

    /// The same if what came of it cannot be stored.
    void troubled(Address place) {
        lookAfter(place, TROUBLED);
        release(place);
    }

    /// Begins nothing more and waits a little for what is being sent; what is not done then is marked at the next start.
    public void stop() {
        long end = System.nanoTime() + STOP.toNanos();
        synchronized (busy) {
            stopped = true;
            timers.values().forEach(timer -> timer.cancel(false));
            timers.clear();
            try {
                for (long left = STOP.toMillis(); !busy.isEmpty() && left > 0; left = (end - System.nanoTime())
                        / 1_000_000) {
                    busy.wait(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // ---- for operators ----

    /// How many messages there are in each state.
    public Counts counts() {
        return parts.store().read(tx -> tx.outbox().counts());
    }

    /// Sends one again that was given up, with the other parts of it that were.
    ///
    /// @return false if none of that id was
    public boolean revive(String id) {
        Optional<OutboxRow> row = parts.store().write(tx -> {
            Optional<OutboxRow> found = tx.outbox().find(id).filter(one -> one.progress().state() == State.FAILED);
            found.ifPresent(one -> tx.outbox().parts(one).stream()
                    .filter(part -> part.progress().state() == State.FAILED)
                    .forEach(part -> tx.outbox().revive(part.id(), parts.clock().millis())));
            return found;
        });
        row.ifPresent(revived -> look(revived.item().address()));
        return row.isPresent();
    }

    /// Throws one away that was given up, or waits and is not being sent.
    ///
    /// @return false if there is none of that id
    public boolean drop(String id) {
        Optional<OutboxRow> row = parts.store().write(
                tx -> tx.outbox().drop(id, parts.clock().millis()) ? tx.outbox().find(id) : Optional.empty());
        row.ifPresent(dropped -> {
            settling.settled(dropped);
            look(dropped.item().address());
        });
        return row.isPresent();
    }

    /// Messages in order.
    public List<OutboxRow> list(Filter filter, int limit) {
        return parts.store().read(tx -> tx.outbox().list(filter, limit));
    }
}
