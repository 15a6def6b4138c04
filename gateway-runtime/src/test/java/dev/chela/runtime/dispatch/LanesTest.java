package dev.chela.runtime.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

import dev.chela.runtime.dispatch.Lanes.Job;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class LanesTest {

    private final Lanes lanes = new Lanes(1);
    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();

    private Job job(String name) {
        return new Job(threads::add, () -> done.add(name), () -> done.add(name + " refused"));
    }

    @Test
    void runsOneAfterTheOtherInOrder() {
        for (String name : List.of("a", "b", "c")) {
            lanes.run("lane", job(name));
        }
        assertEquals(1, threads.size(), "only the first has a thread");
        while (!threads.isEmpty()) {
            threads.remove().run();
        }
        assertEquals(List.of("a", "b", "c"), done);
    }

    @Test
    void runsDifferentLanesSideBySide() {
        lanes.run("x", job("a"));
        lanes.run("y", job("b"));
        assertEquals(2, threads.size());
    }

    @Test
    void runsAsManySideBySideAsALaneIsWide() {
        var wide = new Lanes(2);
        for (String name : List.of("a", "b", "c", "d")) {
            wide.run("lane", job(name));
        }
        assertEquals(2, threads.size());
        threads.remove().run();
        assertEquals(2, threads.size(), "who ends makes room for one");
        while (!threads.isEmpty()) {
            threads.remove().run();
        }
        assertEquals(List.of("a", "b", "c", "d"), done);
    }

    @Test
    void goesOnBehindOneThatCannotBeStarted() {
        lanes.run("lane", job("a"));
        lanes.run("lane", new Job(_ -> false, () -> done.add("never"), () -> done.add("refused")));
        lanes.run("lane", job("c"));
        threads.remove().run();
        threads.remove().run();
        assertEquals(List.of("a", "refused", "c"), done);
        lanes.run("lane", job("d"));
        threads.remove().run();
        assertEquals("d", done.getLast());
    }

    @Test
    void refusesMoreThanALaneHolds() {
        for (int i = 0; i <= Lanes.MAX_WAITING + 1; i++) {
            lanes.run("lane", job("j" + i));
        }
        assertEquals(List.of("j" + (Lanes.MAX_WAITING + 1) + " refused"), done);
    }
}
