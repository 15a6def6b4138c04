package dev.chela.runtime.dispatch;

import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.chela.api.rpc.NoParams;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.dispatch.CoreMethod.Lane;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.protocol.Incoming;
import dev.chela.runtime.testing.KeptLine;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What connections do to each other when calls take long.
class DispatcherTest {

    private static final int PATIENCE_S = 20;

    private final CoreThreads threads = new CoreThreads();
    private final Dispatcher dispatcher = new Dispatcher(threads, InstantSource.system(), 1 << 20);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final BlockingQueue<String> entered = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        goOn.countDown();
        threads.close();
    }

    private void offer(CoreMethod... methods) {
        dispatcher.replace(new Methods(List.of(methods).stream()
                .map(method -> new Methods.Entry(method.method(), Core.CORE, new JsonCodec(), method)).toList()));
    }

    private Object slow(NoParams params, RpcCall call) throws InterruptedException {
        entered.add(call.line().id());
        assertTrue(goOn.await(PATIENCE_S, TimeUnit.SECONDS));
        return params;
    }

    private void call(Line line, String method) {
        dispatcher.dispatch(new Incoming.Request("1", method, JsonText.EMPTY), line);
    }

    @Test
    void leavesOthersAThreadHoweverManySlowCallsOneConnectionMakes() throws Exception {
        offer(CoreMethod.worker("slow", Scope.READ, NoParams.class, this::slow),
                CoreMethod.worker("other", Scope.READ, NoParams.class, (params, _) -> params));
        KeptLine flooding = KeptLine.named("flooding");
        for (int i = 0; i < 200; i++) {
            call(flooding, "slow");
        }
        KeptLine other = KeptLine.named("other");
        call(other, "other");
        assertTrue(other.answer().contains("\"ok\":true"));
        goOn.countDown();
        for (int i = 0; i < 200; i++) {
            assertTrue(flooding.answer().contains("\"ok\":true"));
        }
    }

    @Test
    void runsCallsWithoutALaneSideBySideAndThoseOfOneLaneInTurn() throws Exception {
        offer(CoreMethod.inLane("free", Scope.READ, NoParams.class, new Lane<>(_ -> "", this::slow)),
                CoreMethod.inLane("queued", Scope.READ, NoParams.class, new Lane<>(_ -> "lane", this::slow)));
        call(KeptLine.named("a"), "free");
        call(KeptLine.named("b"), "free");
        Set<String> both = new HashSet<>();
        for (int i = 0; i < 2; i++) {
            both.add(String.valueOf(entered.poll(PATIENCE_S, TimeUnit.SECONDS)));
        }
        assertEquals(Set.of("a", "b"), both);
        KeptLine first = KeptLine.named("first");
        call(first, "queued");
        assertEquals("first", entered.poll(PATIENCE_S, TimeUnit.SECONDS));
        call(KeptLine.named("second"), "queued");
        assertTrue(entered.isEmpty());
        goOn.countDown();
        assertEquals("second", entered.poll(PATIENCE_S, TimeUnit.SECONDS));
    }
}
