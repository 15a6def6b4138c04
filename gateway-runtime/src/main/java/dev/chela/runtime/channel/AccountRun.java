package dev.chela.runtime.channel;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;

import dev.chela.api.channel.Account;
import dev.chela.api.channel.Channel;
import dev.chela.api.channel.ChannelException;
import dev.chela.api.channel.ChannelStatus;
import dev.chela.api.channel.Inbound;
import dev.chela.api.channel.Inbox;
import dev.chela.api.channel.Outbound;
import dev.chela.api.channel.Receipt;
import dev.chela.api.json.Json;
import dev.chela.runtime.delivery.Arrivals;
import dev.chela.runtime.delivery.Carrier;
import dev.chela.runtime.delivery.Deliveries;
import dev.chela.runtime.lifecycle.CoreThreads;

import org.jspecify.annotations.Nullable;

/// The life of one account: started, kept alive, started again after failures, stopped. Its code never runs twice at once:
/// what does not stop when told to keeps the account from starting again. Its lock guards everything that changes.
final class AccountRun {

    private static final System.Logger LOG = System.getLogger("channels");

    private final Registered registered;
    private final AccountConfig config;
    private final @Nullable Account<?> account;
    private final Parts parts;
    private final Arrivals.Account arrivals;
    private final Standing standing = new Standing();
    private final Questions questions;
    private final Sends sends = new Sends();
    /// Its code, from being handed over to a thread to its end.
    private @Nullable Life life;
    private boolean wanted;
    private int failures;
    private @Nullable Future<?> restart;

    /// One life of the account. Guarded by the lock of the account.
    private static final class Life {

        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private @Nullable Thread thread;
        /// Whether the channel's code for it was called, so that it may be sent through.
        private boolean atWork;
        private boolean warned;
    }

    /// What accounts stand on.
    record Parts(CoreThreads threads, InstantSource clock, Arrivals arrivals, Deliveries deliveries,
            Channels.Pace pace) {}

    /// @param account null if its settings do not fit
    /// @param problem why they do not fit; empty if they do
    AccountRun(Registered registered, AccountConfig config, @Nullable Account<?> account, String problem, Parts parts) {
        this.registered = registered;
        this.config = config;
        this.account = account;
        this.parts = parts;
        this.questions = new Questions(registered, account, parts.threads());
        this.arrivals = new Arrivals.Account(registered.id(), config.id(), config.policy());
        standing.error = account == null ? problem : config.enabled() ? null : "disabled";
    }

    String id() {
        return config.id();
    }

    AccountConfig config() {
        return config;
    }

    Registered registered() {
        return registered;
    }

    /// Whether it could run at all.
    boolean isConfigured() {
        return account != null;
    }

    /// What else can be asked of it.
    Questions questions() {
        return questions;
    }

    /// Gives up what it is logged in with, once it has stopped.
    CompletableFuture<Asked<Boolean>> logout(Duration patience) {
        return questions.logout(stop("logged out", patience));
    }

    /// Does one of the channel's actions, if it runs.
    CompletableFuture<Asked<Json>> act(Channel.Action action) {
        synchronized (this) {
            if (life == null || !life.atWork || !wanted) {
                return CompletableFuture.completedFuture(
                        Asked.undone("account '" + id() + "' of channel " + registered.id() + " does not run", 0));
            }
        }
        return questions.act(action);
    }

    // ---- starting and stopping ----

    /// Starts it, unless it runs or is disabled.
    ///
    /// @return why it is not started; empty if it is
    synchronized Optional<String> start() {
        if (account == null) {
            return Optional.of(String.valueOf(standing.error));
        } else if (!config.enabled()) {
            return Optional.of("disabled");
        } else if (life != null) {
            return wanted ? Optional.empty() : Optional.of("it has not stopped yet");
        } else if (questions.isLeaving()) {
            return Optional.of("it is being logged out");
        } else if (restart != null) {
            restart.cancel(false);
        }
        wanted = true;
        failures = 0;
        launch();
        return Optional.empty();
    }

    private synchronized void launch() {
        restart = null;
        if (!wanted || life != null) {
            return;
        }
        standing.startedAt = parts.clock().millis();
        standing.endedByItself = false;
        var next = new Life();
        boolean entered = registered.owner().enter();
        if (entered && registered.owner().runWaiting(() -> live(next))) {
            life = next;
            return;
        } else if (entered) {
            registered.owner().leave();
        }
        broke("too much code of plugin '" + registered.owner().id() + "' is at work already", null);
    }

    /// Tells it to stop.
    ///
    /// @return whether it has, once it has or the patience is at its end
    CompletableFuture<Boolean> stop(String reason, Duration patience) {
        Life last;
        synchronized (this) {
            wanted = false;
            standing.error = reason;
            standing.endedByItself = false;
            if (restart != null) {
                restart.cancel(false);
            }
            last = life;
            if (last == null) {
                return CompletableFuture.completedFuture(true);
            } else if (last.thread != null) {
                last.thread.interrupt();
            }
        }
        CompletableFuture<Boolean> stopped = last.ended.thenApply(_ -> true);
        Future<?> timer = parts.threads().after(patience, () -> stopped.complete(false));
        return stopped.thenApply(hasStopped -> {
            timer.cancel(false);
            if (!hasStopped) {
                LOG.log(Level.WARNING, name() + " was told to stop, but still works");
            }
            return hasStopped;
        });
    }

    // ---- on a thread of the plugin ----

    private void live(Life mine) {
        String error = null;
        Throwable cause = null;
        try {
            if (begin(mine)) {
                registered.owner().awaitQuiet();
                atWork(mine);
                parts.deliveries().available(registered.id(), id());
                run(registered.channel(), mine);
            }
        } catch (InterruptedException e) {
            error = "it was interrupted";
        } catch (Throwable e) { // also what a missing class or endless recursion throws
            error = Mishap.told(e);
            cause = e;
        } finally {
            ended(error, cause);
            registered.owner().leave();
            mine.ended.complete(null);
        }
    }

    @SuppressWarnings("unchecked")
    private <S extends Record> void run(Channel<S> channel, Life mine) throws Exception {
        channel.run((Account<S>) Objects.requireNonNull(account), inbox(mine));
    }

    private synchronized boolean begin(Life mine) {
        life = mine; // its thread may be faster than the one that launched it
        mine.thread = Thread.currentThread();
        standing.connected = null;
        standing.detail = "";
        standing.error = wanted ? null : standing.error;
        int lost = sends.lost(parts.clock().millis());
        if (lost > 0) {
            LOG.log(Level.WARNING, name() + " is started though " + lost + " messages have not come back from being"
                    + " sent");
        }
        return wanted;
    }

    private synchronized void atWork(Life mine) {
        mine.atWork = true;
    }

    private synchronized void ended(@Nullable String error, @Nullable Throwable cause) {
        life = null;
        standing.connected = false;
        standing.stoppedAt = parts.clock().millis();
        if (!wanted) {
            return;
        } else if (error == null) {
            wanted = false;
            standing.error = "it ended by itself";
            standing.endedByItself = true;
            return;
        }
        broke(error, cause);
    }

    private void broke(String error, @Nullable Throwable cause) {
        standing.error = error;
        failures = isSteady() ? 1 : failures + 1;
        LOG.log(Level.WARNING, name() + " broke: " + error);
        if (cause != null) {
            LOG.log(Level.DEBUG, name() + " broke", cause); // its message may hold what nobody is to read
        }
        if (failures > parts.pace().attempts()) {
            wanted = false;
            LOG.log(Level.ERROR, name() + " is given up after " + parts.pace().attempts() + " restarts; start it with"
                    + " `chela channels start " + registered.id() + " " + id() + "`");
            return;
        }
        Duration wait = parts.pace().restarts().after(failures);
        LOG.log(Level.INFO, name() + " is started again in " + wait.toMillis() + " ms (" + failures + " of "
                + parts.pace().attempts() + ")");
        restart = parts.threads().after(wait, () -> parts.threads().workers().execute(this::launch));
    }

    private boolean isSteady() {
        return parts.clock().millis() - standing.startedAt >= parts.pace().steady().toMillis();
    }

    private String name() {
        return "channel '" + registered.id() + "' account '" + id() + "'";
    }

    // ---- messages ----

    /// Valid as long as this life of the account lasts.
    private Inbox inbox(Life mine) {
        return new Inbox() {
            @Override
            public Outcome accept(Inbound message) throws ChannelException {
                if (!isAlive(mine)) {
                    throw ChannelException.passing(name() + " has ended");
                }
                Outcome outcome;
                try {
                    outcome = parts.arrivals().accept(arrivals, message);
                } catch (Arrivals.Unwanted e) {
                    ignored(String.valueOf(e.getMessage()));
                    return Outcome.IGNORED;
                }
                arrived();
                return outcome;
            }

            @Override
            public void status(ChannelStatus status) {
                if (isAlive(mine)) {
                    told(status);
                }
            }
        };
    }

    private synchronized boolean isAlive(Life mine) {
        return life == mine;
    }

    private synchronized void arrived() {
        standing.inboundAt = parts.clock().millis();
    }

    private synchronized void ignored(String why) {
        standing.ignored++;
        standing.lastIgnored = Mishap.limited(why);
        LOG.log(Level.DEBUG, name() + " ignored a message: " + why);
    }

    private synchronized void told(ChannelStatus status) {
        if (status.connected() && !Boolean.TRUE.equals(standing.connected)) {
            standing.connectedAt = parts.clock().millis();
        }
        standing.connected = status.connected();
        standing.detail = Mishap.limited(status.detail());
    }

    /// Lets something be sent; see [Carrier#begin].
    Carrier.Begun send(Consumer<Carrier.Transport> work) {
        Life mine;
        Sends.Sending sending;
        synchronized (this) {
            mine = life;
            if (mine == null || !maySend(mine)) {
                return Carrier.Begun.DOWN;
            } else if (sends.isFull(mine)) {
                warn(mine);
                return Carrier.Begun.BUSY;
            } else if (!registered.owner().enter()) {
                return Carrier.Begun.BUSY;
            }
            sending = sends.begin(mine, parts.clock().millis());
        }
        boolean begun = registered.owner().runWaiting(() -> {
            try {
                work.accept(message -> send(mine, message));
            } finally {
                sendingEnded(sending);
                registered.owner().leave();
            }
        });
        if (!begun) {
            sendingEnded(sending);
            registered.owner().leave();
        }
        return begun ? Carrier.Begun.BEGUN : Carrier.Begun.BUSY;
    }

    private synchronized boolean maySend(Life mine) {
        return life == mine && mine.atWork && wanted;
    }

    private void warn(Life mine) {
        int lost = sends.lost(parts.clock().millis());
        if (lost > 0 && !mine.warned) {
            mine.warned = true;
            LOG.log(Level.WARNING, name() + " sends nothing more: " + lost + " messages have not come back from being"
                    + " sent; stop and start it");
        }
    }

    /// Hooks and the disk may have taken their time since it was let begin, and the account may have been stopped.
    private Receipt send(Life mine, Outbound message) throws Exception {
        registered.owner().awaitQuiet();
        if (!maySend(mine)) {
            throw ChannelException.passing(name() + " was stopped before it could send");
        }
        Receipt receipt = send(registered.channel(), message);
        sent();
        return receipt;
    }

    @SuppressWarnings("unchecked")
    private <S extends Record> Receipt send(Channel<S> channel,
            Outbound message) throws Exception {
        return channel.send((Account<S>) Objects.requireNonNull(account), message);
    }

    private synchronized void sendingEnded(Sends.Sending sending) {
        sends.end(sending);
    }

    private synchronized void sent() {
        standing.outboundAt = parts.clock().millis();
    }

    // ---- how it is ----

    /// How it is now.
    synchronized Standing standing() {
        Standing copy = standing.copy();
        copy.running = life != null && life.thread != null && wanted;
        copy.failures = wanted && !(copy.running && isSteady()) ? failures : 0;
        copy.lostSends = sends.lost(parts.clock().millis());
        copy.givenUp = !wanted && failures > parts.pace().attempts();
        return copy;
    }
}
