package dev.chela.runtime.connection;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.protocol.Limits;

import org.jspecify.annotations.Nullable;

/// The messages of one connection that wait to be worked off, in order, by one drainer at a time.
///
/// When too many wait or are at work, reading pauses: a flood stays the flooder's own problem. After a number of
/// messages a drainer turns to the next connection.
final class Inbox {

    /// Messages a drainer works off before it turns to others.
    private static final int TURN = 64;
    /// Messages beyond this size, in bytes, are worked off by a thread that may take its time.
    private static final int LARGE = 64 << 10;
    /// Bytes that may wait before reading pauses.
    private static final long MAX_BYTES = 1 << 20;

    private final Consumer<byte[]> handler;
    private final BooleanSupplier settle;
    private final Wire wire;
    private final CoreThreads threads;

    private final ConcurrentLinkedQueue<byte[]> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicBoolean draining = new AtomicBoolean();
    private final AtomicBoolean paused = new AtomicBoolean();
    private volatile @Nullable Thread drainer;
    private volatile boolean stalled;
    private volatile boolean stopped;

    /// @param handler works a message off
    /// @param settle called at the end of a burst; false if nothing more should be worked off until [#resume]
    Inbox(Consumer<byte[]> handler, BooleanSupplier settle, Wire wire, CoreThreads threads) {
        this.handler = handler;
        this.settle = settle;
        this.wire = wire;
        this.threads = threads;
    }

    void add(byte[] message) {
        keep(message.length);
        queue.add(message);
        int messages = count.incrementAndGet();
        long size = bytes.addAndGet(message.length);
        boolean full = messages >= Limits.WAITING_REQUESTS || size >= MAX_BYTES;
        if (full && paused.compareAndSet(false, true)) {
            wire.readIf(this::mayRead);
        }
        wake();
    }

    boolean isPaused() {
        return paused.get();
    }

    private boolean mayRead() {
        return !paused.get();
    }

    void began(int size) {
        running.incrementAndGet();
        keep(size);
    }

    void ended(int size) {
        keep(-size);
        if (running.decrementAndGet() < Limits.RUNNING_REQUESTS && count.get() > 0) {
            wake();
        }
    }

    /// Small messages are bounded by their number.
    private void keep(int size) {
        if (Math.abs(size) >= LARGE) {
            wire.keep(size);
        }
    }

    /// The peer reads again.
    void resume() {
        if (stalled) {
            stalled = false;
            wake();
        }
    }

    /// Nothing more is worked off.
    void stop() {
        stopped = true;
    }

    boolean isDrainedBy(Thread thread) {
        return drainer == thread;
    }

    private boolean mayGoOn() {
        return !stopped && !stalled && running.get() < Limits.RUNNING_REQUESTS;
    }

    private void wake() {
        if (mayGoOn() && draining.compareAndSet(false, true)) {
            threads.drainers().execute(() -> drain(LARGE));
        }
    }

    private void drain(int largest) {
        drainer = Thread.currentThread();
        int left = TURN;
        byte @Nullable [] next = null;
        while (mayGoOn() && left-- > 0 && (next = queue.peek()) != null && next.length <= largest) {
            take(next);
            handler.accept(next);
            keep(-next.length);
        }
        stalled = !settle.getAsBoolean();
        if (stalled && settle.getAsBoolean()) {
            stalled = false; // the peer began to read between the two looks, and nobody would tell us again
        }
        drainer = null;
        boolean large = next != null && next.length > largest;
        if (mayGoOn() && count.get() > 0 && (large || left < 0)) {
            if (large) {
                threads.workers().execute(() -> drain(Integer.MAX_VALUE));
            } else {
                threads.drainers().execute(() -> drain(LARGE));
            }
            return;
        }
        draining.set(false);
        if (count.get() > 0) {
            wake();
        }
    }

    private void take(byte[] message) {
        queue.poll();
        int left = count.decrementAndGet();
        long bytesLeft = bytes.addAndGet(-message.length);
        if (paused.get() && left <= Limits.WAITING_REQUESTS / 2 && bytesLeft <= MAX_BYTES / 2
                && paused.compareAndSet(true, false)) {
            wire.readIf(this::mayRead);
        }
    }
}
