package dev.chela.runtime.method;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.chela.api.rpc.NoParams;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.dispatch.Core;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.dispatch.Dispatcher;
import dev.chela.runtime.dispatch.Methods;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.protocol.Incoming;
import dev.chela.runtime.testing.KeptLine;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// How many calls may wait for runs, and that those are forgotten whose client is gone.
class WaitsTest {

    private final CoreThreads threads = new CoreThreads();
    private final Waits waits = new Waits(threads);
    private final Dispatcher dispatcher = new Dispatcher(threads, InstantSource.system(), 1 << 20);

    @BeforeEach
    void offer() {
        CoreMethod wait = CoreMethod.quick("wait", Scope.READ, NoParams.class, (_, call) -> {
            waits.add(call, Optional.empty(), Duration.ofHours(1), _ -> "ended");
            return null;
        });
        dispatcher.replace(new Methods(List.of(new Methods.Entry(wait.method(), Core.CORE, new JsonCodec(), wait))));
    }

    @AfterEach
    void stop() {
        threads.close();
    }

    private void await(KeptLine line, int times) {
        for (int i = 0; i < times; i++) {
            dispatcher.dispatch(new Incoming.Request("w" + i, "wait", JsonText.EMPTY), line);
        }
    }

    @Test
    void limitsThoseOfOneConnection() throws Exception {
        KeptLine line = KeptLine.named("one");
        await(line, Waits.MAX);
        assertEquals(0, line.answers().size());
        await(line, 1);
        String refused = line.answer();
        assertTrue(refused.contains("this connection has 256 waits for runs already; try again"), refused);
    }

    @Test
    void limitsThoseOfAllAndForgetsThoseWhoAreGone() throws Exception {
        List<KeptLine> crowd = new ArrayList<>();
        for (int i = 0; i < Waits.MAX_IN_ALL / 250; i++) {
            crowd.add(KeptLine.named("line" + i));
            await(crowd.getLast(), 250);
        }
        KeptLine late = KeptLine.named("late");
        await(late, 1);
        String refused = late.answer();
        assertTrue(refused.contains("all connections together have 5000 waits for runs already; try again"), refused);
        crowd.getFirst().go();
        await(late, 250);
        assertEquals(0, late.answers().size());
        await(late, 1);
        assertTrue(late.answer().contains("all connections together"));
        assertTrue(crowd.stream().allMatch(line -> line.answers().isEmpty()));
    }
}
