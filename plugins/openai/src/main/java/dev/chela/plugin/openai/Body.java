package dev.chela.plugin.openai;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

/// The body of one answer, pulled piece by piece with a time limit; a provider that is faster than the puller is held up.
final class Body implements HttpResponse.BodySubscriber<Body>, AutoCloseable {

    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private final Deque<ByteBuffer> taken = new ArrayDeque<>();
    private final Object lock = new Object();
    private Flow.@Nullable Subscription subscription;
    private boolean closed;
    private boolean ended;

    /// Bytes, or how the body ended.
    private record Piece(List<ByteBuffer> bytes, boolean last, @Nullable Throwable failure) {}

    /// The next bytes; empty at the end.
    ///
    /// @throws TimeoutException if none came in time
    /// @throws IOException if the body broke off
    Optional<ByteBuffer> next(Duration patience) throws InterruptedException, IOException, TimeoutException {
        while (taken.isEmpty() && !ended) {
            Piece piece = pieces.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
            if (piece == null) {
                throw new TimeoutException("no byte within " + patience);
            } else if (piece.failure() != null) {
                throw new IOException("the body broke off", piece.failure());
            }
            ended = piece.last();
            taken.addAll(piece.bytes());
            request();
        }
        return Optional.ofNullable(taken.poll());
    }

    private void request() {
        synchronized (lock) {
            if (subscription != null && !closed && !ended) {
                subscription.request(1);
            }
        }
    }

    /// Ends the transfer, and with it the connection unless all was read.
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            if (subscription != null) {
                subscription.cancel();
            }
        }
    }

    // ---- called by the client's threads ----

    @Override
    public CompletionStage<Body> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        synchronized (lock) {
            if (closed || subscription != null) {
                given.cancel();
                return;
            }
            subscription = given;
        }
        given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
        pieces.add(new Piece(bytes, false, null));
    }

    @Override
    public void onError(Throwable failure) {
        pieces.add(new Piece(List.of(), true, failure));
    }

    @Override
    public void onComplete() {
        pieces.add(new Piece(List.of(), true, null));
    }
}
