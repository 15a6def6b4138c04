package dev.chela.runtime.channel;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.chela.api.channel.Account;
import dev.chela.api.channel.Channel;
import dev.chela.api.channel.ChannelStatus;
import dev.chela.api.json.Json;
import dev.chela.runtime.lifecycle.CoreThreads;

import org.jspecify.annotations.Nullable;

/// What is asked of one account's code besides sending: never more at once than leaves room for its messages. Its futures
/// never fail. Safe for all threads.
final class Questions {

    /// How many actions may be at work in one account.
    static final int MAX_ACTING = 32;
    private static final Duration ACTION = Duration.ofMinutes(1);

    private final Registered registered;
    private final @Nullable Account<?> account;
    private final CoreThreads threads;
    private final AtomicBoolean leaving = new AtomicBoolean();
    private @Nullable Question<ChannelStatus> probe;
    private int acting;

    Questions(Registered registered, @Nullable Account<?> account, CoreThreads threads) {
        this.registered = registered;
        this.account = account;
        this.threads = threads;
    }

    /// Asks whether it could work. Who asks while that is being asked already gets the same answer.
    CompletableFuture<Asked<ChannelStatus>> probe(Duration limit) {
        Account<?> known = account;
        if (known == null) {
            return CompletableFuture.completedFuture(Asked.undone("the account is not configured", 0));
        }
        synchronized (this) {
            if (probe == null || probe.left().isDone()) {
                probe = Question.ask(registered, threads, limit, () -> probe(registered.channel(), known));
            } else if (probe.answer().isDone()) {
                return CompletableFuture.completedFuture(
                        Asked.undone("it has not answered the last time yet", 0));
            }
            return probe.answerWithin(limit);
        }
    }

    @SuppressWarnings("unchecked")
    private static <S extends Record> ChannelStatus probe(Channel<S> channel, Account<?> account) throws Exception {
        return channel.probe((Account<S>) account);
    }

    /// Does one of the channel's actions.
    CompletableFuture<Asked<Json>> act(Channel.Action action) {
        Account<?> known = account;
        synchronized (this) {
            if (known == null) {
                return CompletableFuture.completedFuture(Asked.undone("the account is not configured", 0));
            } else if (acting >= MAX_ACTING) {
                return CompletableFuture.completedFuture(
                        Asked.undone(MAX_ACTING + " actions are at work in the account already", 0));
            }
            acting++;
        }
        Question<Json> question = Question.ask(registered, threads, ACTION,
                () -> act(registered.channel(), known, action));
        var _ = question.left().thenRun(this::acted);
        return question.answer();
    }

    private synchronized void acted() {
        acting--;
    }

    @SuppressWarnings("unchecked")
    private static <S extends Record> Json act(Channel<S> channel, Account<?> account, Channel.Action action)
            throws Exception {
        return channel.act((Account<S>) account, action);
    }

    /// Gives up what the account is logged in with.
    ///
    /// @param stopped whether its code has stopped, once that is known
    CompletableFuture<Asked<Boolean>> logout(CompletableFuture<Boolean> stopped) {
        Account<?> known = account;
        if (!leaving.compareAndSet(false, true)) {
            return CompletableFuture.completedFuture(Asked.undone("it is being logged out already", 0));
        }
        return stopped.thenCompose(hasStopped -> {
            if (!hasStopped || known == null) {
                leaving.set(false);
                return CompletableFuture.completedFuture(hasStopped
                        ? Asked.answered(false, 0)
                        : Asked.undone("the account does not stop", 0));
            }
            Question<Boolean> question = Question.ask(registered, threads, ACTION,
                    () -> logout(registered.channel(), known));
            var _ = question.left().thenRun(() -> leaving.set(false));
            return question.answer();
        });
    }

    @SuppressWarnings("unchecked")
    private static <S extends Record> boolean logout(Channel<S> channel, Account<?> account) throws Exception {
        return channel.logout((Account<S>) account);
    }

    /// Whether its logging out is under way: it must not be started meanwhile.
    boolean isLeaving() {
        return leaving.get();
    }
}
