package dev.chela.runtime.lifecycle;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StagesTest {

    private final Stages stages = new Stages(Duration.ofSeconds(5));
    private final List<String> stopped = new CopyOnWriteArrayList<>();

    private void part(String name, ClosePhase phase) {
        stages.start(name, phase, () -> name, stopped::add);
    }

    @Test
    void stopsByPhaseAndWithinAPhaseInReverse() {
        part("store", ClosePhase.GROUND);
        part("plugins", ClosePhase.GROUND);
        part("port", ClosePhase.PORT);
        part("clients", ClosePhase.CLIENTS);
        part("hook", ClosePhase.HOOKS);
        assertEquals(List.of(), stages.stop());
        assertEquals(List.of("hook", "clients", "port", "plugins", "store"), stopped);
        assertEquals(List.of(), stages.stop(), "a second time there is nothing left");
    }

    @Test
    void keepsEveryFailureAndStopsTheRest() {
        part("a", ClosePhase.GROUND);
        stages.onClose("b", ClosePhase.GROUND, () -> {
            throw new IllegalStateException("b is stuck");
        });
        stages.onClose("c", ClosePhase.PORT, () -> {
            throw new IllegalStateException("c is stuck");
        });
        List<StageException> failures = stages.stop();
        assertEquals(List.of("cannot stop c (port)", "cannot stop b (ground)"),
                failures.stream().map(Throwable::getMessage).toList());
        assertEquals(List.of("a"), stopped);
    }

    @Test
    void leavesAPartBehindThatDoesNotStopInTime() {
        var hasty = new Stages(Duration.ofMillis(50));
        hasty.onClose("last", ClosePhase.GROUND, () -> stopped.add("last"));
        hasty.onClose("hanging", ClosePhase.PORT, () -> new CountDownLatch(1).await());
        List<StageException> failures = hasty.stop();
        assertEquals("cannot stop hanging (port)", failures.getFirst().getMessage());
        assertEquals(List.of("last"), stopped);
    }

    @Test
    void undoesAFailedStartInReverse() {
        part("one", ClosePhase.HOOKS);
        part("two", ClosePhase.GROUND);
        StageException failure = assertThrows(StageException.class,
                () -> stages.start("three", ClosePhase.PORT, () -> {
                    throw new IllegalStateException("no port");
                }));
        assertEquals("cannot start three", failure.getMessage());
        assertTrue(String.valueOf(failure.getCause()).contains("no port"));
        assertEquals(List.of("two", "one"), stopped);
    }
}
