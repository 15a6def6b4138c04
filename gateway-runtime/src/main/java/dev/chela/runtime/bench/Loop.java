package dev.chela.runtime.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// One thread that serves all links, so that load costs at most one core and needs no locks.
final class Loop implements AutoCloseable {

    /// How long anything may take that a sound gateway does at once.
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int BUFFER = 256 * 1024;

    private record Timer(long due, Runnable task) {}

    private final Envelope envelope = new Envelope();
    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>(Comparator.comparingLong(Timer::due));
    private final CompletableFuture<Void> failure = new CompletableFuture<>();
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);
    private final byte[] scratch = new byte[BUFFER];
    private volatile boolean closed;

    Loop() throws BenchException {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new BenchException("no selector can be opened: " + e.getMessage());
        }
        thread = Thread.ofPlatform().daemon().name("bench").start(this::run);
    }

    private void run() {
        try {
            while (!closed) {
                long wait = millisToWait();
                if (wait == 0) {
                    selector.selectNow(this::serve);
                } else {
                    selector.select(this::serve, wait);
                }
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                runTimers();
            }
        } catch (IOException | RuntimeException e) {
            fail("the load client broke: " + e);
        } finally {
            end();
        }
    }

    private void end() {
        List.copyOf(selector.keys()).forEach(key -> ((Link) key.attachment()).cut());
        try {
            selector.close();
        } catch (IOException e) {
            fail("the load client broke: " + e);
        }
    }

    private void serve(SelectionKey key) {
        ((Link) key.attachment()).serve(key);
    }

    private long millisToWait() {
        if (!tasks.isEmpty()) {
            return 0;
        }
        Timer next = timers.peek();
        return next == null ? 1000 : Math.max(0, (next.due() - System.nanoTime() + 999_999) / 1_000_000);
    }

    private void runTimers() {
        for (Timer next = timers.peek(); next != null && next.due() <= System.nanoTime(); next = timers.peek()) {
            timers.remove().task().run();
        }
    }

    // ---- for links, on this thread ----

    Selector selector() {
        return selector;
    }

    /// Reads the frame at hand; used by all in turn.
    Envelope envelope() {
        return envelope;
    }

    /// Room for one read, used by all links in turn.
    ByteBuffer in() {
        return in;
    }

    /// Where what was read is looked at.
    byte[] scratch() {
        return scratch;
    }

    /// Room for one write, used by all links in turn.
    ByteBuffer out() {
        return out;
    }

    /// Runs something later; on this thread only.
    void after(Duration delay, Runnable task) {
        timers.add(new Timer(System.nanoTime() + delay.toNanos(), task));
    }

    // ---- for all threads ----

    /// Runs something on this thread.
    void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /// Ends the measurement: whoever waits learns why.
    void fail(String why) {
        failure.completeExceptionally(new BenchException(why));
    }

    /// Runs something on this thread and waits for what it gives.
    <T> T ask(Supplier<T> question) throws BenchException, InterruptedException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        execute(() -> answer.complete(question.get()));
        return await(answer, PATIENCE, "the load client is stuck");
    }

    /// Lets the load go on for a while.
    ///
    /// @throws BenchException as soon as something fails
    void pause(Duration duration) throws BenchException, InterruptedException {
        try {
            failure.get(duration.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return; // nothing failed
        } catch (ExecutionException e) {
            throw why(e);
        }
    }

    /// Waits for something that this thread completes.
    ///
    /// @param otherwise what is wrong if it does not in time
    <T> T await(CompletableFuture<T> future, Duration patience, String otherwise)
            throws BenchException, InterruptedException {
        try {
            CompletableFuture.anyOf(future, failure).get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return future.get(0, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new BenchException(otherwise);
        } catch (ExecutionException e) {
            throw why(e);
        }
    }

    private static BenchException why(ExecutionException e) {
        return e.getCause() instanceof BenchException known ? known : new BenchException(String.valueOf(e.getCause()));
    }

    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
