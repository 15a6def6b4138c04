package dev.chela.runtime.connection;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import dev.chela.runtime.lifecycle.CoreThreads;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertTrue;

class InboxTest {

    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final CountDownLatch taken = new CountDownLatch(1);

    /// A socket whose thread is held up right where it is about to stop reading, until all has been worked off.
    private final class HeldUp implements Wire {

        private final Thread socketThread = Thread.currentThread();
        private boolean reading = true;

        @Override
        public void readIf(BooleanSupplier wanted) {
            if (Thread.currentThread() == socketThread) {
                goOn.countDown();
                await(taken);
            }
            synchronized (this) {
                reading = wanted.getAsBoolean();
            }
        }

        synchronized boolean isReading() {
            return reading;
        }

        @Override
        public void flush() {}

        @Override
        public void flushSoon() {}

        @Override
        public void keep(long bytes) {}

        @Override
        public void limit(long bytes) {}

        @Override
        public void finish() {}
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void handle(byte[] message) {
        if (message.length == 1) {
            first.countDown();
            await(goOn);
        } else {
            taken.countDown();
        }
    }

    @Test
    void readsOnIfTheBurstIsWorkedOffBeforeReadingHasStopped() {
        try (var threads = new CoreThreads()) {
            var wire = new HeldUp();
            var inbox = new Inbox(this::handle, () -> true, wire, threads);
            inbox.add(new byte[1]);
            await(first);
            inbox.add(new byte[2 << 20]);
            assertTrue(wire.isReading(), "nobody would make it read again");
        }
    }
}
