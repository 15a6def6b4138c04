package dev.chela.runtime.channel;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
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
import dev.chela.runtime.delivery.Arrivals;
import dev.chela.runtime.delivery.Carrier;
import dev.chela.runtime.delivery.Deliveries;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.lifecycle.CoreThreads;

import org.jspecify.annotations.Nullable;

/// The life of one account: started, kept alive, started again after failures, stopped. Its code never runs twice at once:
/// what does not stop when told to keeps the account from starting again. Its lock guards everything that changes.
final class AccountRun {

    private static final System.Logger LOG = System.getLogger("channels");
    /// How much may be sent through one account at once.
    private static final int MAX_SENDING = 16;
    private static final int MAX_DETAIL = 500;

    private final Registered registered;
    private final AccountConfig config;
    private final @Nullable Account<?> account;
    private final Parts parts;
    private final Arrivals.Account arrivals;
    private final Standing standing = new Standing();
    private @Nullable Thread thread;
    /// Whether its code was handed over to a thread and has not ended.
    private boolean alive;
    private boolean wanted;
    private int failures;
    private int sending;
    private @Nullable Future<?> restart;

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

    Optional<Account<?>> account() {
        return Optional.ofNullable(account);
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
        } else if (alive) {
            return wanted ? Optional.empty() : Optional.of("it has not stopped yet");
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
        if (!wanted || alive) {
            return;
        }
        standing.startedAt = parts.clock().millis();
        boolean entered = registered.owner().enter();
        if (entered && registered.owner().runWaiting(this::live)) {
            alive = true;
            return;
        } else if (entered) {
            registered.owner().leave();
        }
        broke("too much code of plugin '" + registered.owner().id() + "' is at work already", null);
    }

    /// Tells it to stop and waits until it has.
    ///
    /// @return whether it has
    boolean stop(String reason, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        synchronized (this) {
            wanted = false;
            standing.error = reason;
            if (restart != null) {
                restart.cancel(false);
            }
            if (thread != null) {
                thread.interrupt();
            }
            try {
                for (long left = patience.toMillis(); alive && left > 0; left = (end - System.nanoTime())
                        / 1_000_000) {
                    wait(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (alive) {
                LOG.log(Level.WARNING, name() + " was told to stop, but still works");
            }
            return !alive;
        }
    }

    // ---- on a thread of the plugin ----

    private void live() {
        String error = null;
        Throwable cause = null;
        try {
            if (begin()) {
                parts.deliveries().available(registered.id(), id());
                registered.owner().awaitQuiet();
                run(registered.channel());
            }
        } catch (InterruptedException e) {
            error = "it was interrupted";
        } catch (ChannelException e) {
            error = String.valueOf(e.getMessage());
            cause = e;
        } catch (Throwable e) { // also what a missing class or endless recursion throws
            error = "it failed: " + e.getClass().getSimpleName()
                    + (e.getMessage() == null ? "" : ": " + e.getMessage());
            cause = e;
        } finally {
            ended(error, cause);
            registered.owner().leave();
        }
    }

    @SuppressWarnings("unchecked")
    private <S extends Record> void run(Channel<S> channel) throws Exception {
        channel.run((Account<S>) Objects.requireNonNull(account), inbox());
    }

    private synchronized boolean begin() {
        thread = Thread.currentThread();
        standing.connected = null;
        standing.detail = "";
        standing.error = wanted ? null : standing.error;
        return wanted;
    }

    private synchronized void ended(@Nullable String error, @Nullable Throwable cause) {
        thread = null;
        alive = false;
        standing.connected = false;
        standing.stoppedAt = parts.clock().millis();
        notifyAll();
        if (!wanted) {
            return;
        } else if (error == null) {
            wanted = false;
            standing.error = "it ended by itself";
            return;
        }
        broke(error, cause);
    }

    private void broke(String error, @Nullable Throwable cause) {
        standing.error = JsonText.cut(JsonText.wellFormed(error), MAX_DETAIL);
        boolean steady = parts.clock().millis() - standing.startedAt >= parts.pace().steady().toMillis();
        failures = steady ? 1 : failures + 1;
        LOG.log(Level.WARNING, name() + " broke: " + standing.error, cause);
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

    private String name() {
        return "channel '" + registered.id() + "' account '" + id() + "'";
    }

    // ---- messages ----

    /// Valid as long as this life of the account lasts.
    private Inbox inbox() {
        Thread life = Thread.currentThread();
        return new Inbox() {
            @Override
            public Outcome accept(Inbound message) throws ChannelException {
                if (!isAlive(life)) {
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
                if (isAlive(life)) {
                    told(status);
                }
            }
        };
    }

    private synchronized boolean isAlive(Thread life) {
        return thread == life;
    }

    private synchronized void arrived() {
        standing.inboundAt = parts.clock().millis();
    }

    private synchronized void ignored(String why) {
        standing.ignored++;
        standing.lastIgnored = JsonText.cut(why, MAX_DETAIL);
        LOG.log(Level.DEBUG, name() + " ignored a message: " + why);
    }

    private synchronized void told(ChannelStatus status) {
        if (status.connected() && !Boolean.TRUE.equals(standing.connected)) {
            standing.connectedAt = parts.clock().millis();
        }
        standing.connected = status.connected();
        standing.detail = JsonText.cut(JsonText.wellFormed(status.detail()), MAX_DETAIL);
    }

    /// Lets something be sent; see [Carrier#begin].
    Carrier.Begun send(Consumer<Carrier.Transport> work) {
        synchronized (this) {
            if (thread == null || !wanted) {
                return Carrier.Begun.DOWN;
            } else if (sending >= MAX_SENDING || !registered.owner().enter()) {
                return Carrier.Begun.BUSY;
            }
            sending++;
        }
        boolean begun = registered.owner().runWaiting(() -> {
            try {
                work.accept(message -> {
                    registered.owner().awaitQuiet();
                    Receipt receipt = send(registered.channel(), message);
                    sent();
                    return receipt;
                });
            } finally {
                sendingEnded();
                registered.owner().leave();
            }
        });
        if (!begun) {
            sendingEnded();
            registered.owner().leave();
        }
        return begun ? Carrier.Begun.BEGUN : Carrier.Begun.BUSY;
    }

    @SuppressWarnings("unchecked")
    private <S extends Record> Receipt send(Channel<S> channel,
            Outbound message) throws Exception {
        return channel.send((Account<S>) Objects.requireNonNull(account), message);
    }

    private synchronized void sendingEnded() {
        sending--;
    }

    private synchronized void sent() {
        standing.outboundAt = parts.clock().millis();
    }

    // ---- how it is ----

    /// How it is now.
    synchronized Standing standing() {
        Standing copy = standing.copy();
        copy.running = thread != null && wanted;
        copy.failures = wanted ? failures : 0;
        copy.givenUp = !wanted && failures > parts.pace().attempts();
        return copy;
    }
}
