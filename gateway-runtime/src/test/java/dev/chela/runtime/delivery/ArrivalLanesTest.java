package dev.chela.runtime.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import dev.chela.api.session.SessionKey;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ArrivalLanesTest {

    private final ArrivalLanes lanes = new ArrivalLanes();

    private static SessionKey session(int number) {
        return new SessionKey("main", "s" + number);
    }

    @Test
    void letsOneIntoASessionAtATime() throws Exception {
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                for (int round = 0; round < 500; round++) {
                    try (var _ = lanes.enter(session(0))) {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        Thread.onSpinWait();
                        inside.decrementAndGet();
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, most.get());
        assertTrue(lanes.isEmpty(), "nothing is remembered of a lane that nobody is in");
    }

    @Test
    void keepsNobodyOutOfAnotherSession() {
        try (var _ = lanes.enter(session(1)); var _ = lanes.enter(session(2))) {
            assertFalse(lanes.isEmpty());
        }
        assertTrue(lanes.isEmpty());
    }
}
