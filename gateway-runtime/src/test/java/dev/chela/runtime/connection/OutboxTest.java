package dev.chela.runtime.connection;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;

import dev.chela.api.event.Audience;
import dev.chela.api.event.EventType;
import dev.chela.runtime.event.Broadcaster;
import dev.chela.runtime.event.News;
import dev.chela.runtime.event.Offer;
import dev.chela.runtime.event.Subscriber;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.websocket.Frames;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class OutboxTest {

    private static final EventType<JsonText> MUST = EventType.of("must", JsonText.class, Audience.everyone());
    private static final EventType<JsonText> MAY = MUST.mayDrop();

    private final OutboxBudget budget = new OutboxBudget(1 << 20);
    private final Outbox outbox = new Outbox(2000, budget);

    private static News news(EventType<JsonText> type, String payload) {
        var caught = new AtomicReference<@Nullable News>();
        var broadcaster = new Broadcaster();
        broadcaster.add(new Subscriber() {
            @Override
            public String id() {
                return "catcher";
            }

            @Override
            public boolean wants(News one) {
                return true;
            }

            @Override
            public void deliver(News one) {
                caught.set(one);
            }

            @Override
            public boolean subscribe(News.Topic topic) {
                return false;
            }

            @Override
            public boolean follows(News.Topic topic) {
                return false;
            }

            @Override
            public void unsubscribe(News.Topic topic) {}
        });
        broadcaster.publish(type, JsonText.of("\"" + payload + "\""));
        News one = caught.get();
        if (one == null) {
            throw new AssertionError("nothing was published");
        }
        return one;
    }

    /// Takes everything, in bites of some size, as a socket would.
    private String drain(int bite) {
        var all = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(64);
        while (true) {
            buffer.clear();
            outbox.fill(buffer);
            buffer.flip();
            if (!buffer.hasRemaining()) {
                return all.toString();
            }
            int taken = Math.min(bite, buffer.remaining());
            all.append(new String(buffer.array(), 0, taken, StandardCharsets.ISO_8859_1));
            outbox.written(taken);
        }
    }

    private static String frame(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new String(Frames.header(1, bytes.length), StandardCharsets.ISO_8859_1) + text;
    }

    private static String event(String payload, int seq) {
        return frame("{\"type\":\"event\",\"event\":\"must\",\"payload\":\"" + payload + "\",\"seq\":" + seq + "}");
    }

    @Test
    void keepsOrderAndBytesHoweverTheyAreTaken() {
        for (int bite = 1; bite < 70; bite += 7) {
            var fresh = new OutboxTest();
            fresh.outbox.respond("first".getBytes(StandardCharsets.UTF_8));
            fresh.outbox.offer(news(MUST, "a"));
            fresh.outbox.offer(news(MUST, "b"));
            fresh.outbox.respond("last".getBytes(StandardCharsets.UTF_8));
            assertEquals(frame("first") + event("a", 1) + event("b", 2) + frame("last"), fresh.drain(bite));
            assertEquals(0, fresh.outbox.bytes());
            assertEquals(0, fresh.budget.held());
            assertTrue(fresh.outbox.isEmpty());
        }
    }

    @Test
    void leavesOutWhatMayBeMissedAndShowsItByAGapInTheNumbers() {
        assertEquals(Offer.QUEUED, outbox.offer(news(MUST, "x".repeat(800))));
        assertEquals(Offer.DROPPED, outbox.offer(news(MAY, "y".repeat(300))));
        assertEquals(Offer.QUEUED, outbox.offer(news(MUST, "z")));
        assertTrue(drain(64).endsWith(event("z", 3)));
    }

    @Test
    void endsOnlyResumableEventsWithAnOffset() {
        outbox.offer(news(MUST, "a"), 7);
        outbox.replay(news(MUST, "x".repeat(3000)), 8);
        outbox.offer(news(MUST, "b"));
        String sent = drain(64);
        assertTrue(sent
                .startsWith(frame("{\"type\":\"event\",\"event\":\"must\",\"payload\":\"a\",\"seq\":1,\"offset\":7}")));
        assertTrue(sent.contains("\"seq\":2,\"offset\":8}"), "what was missed has room in any case");
    }

    @Test
    void letsNothingInBetweenWhatItThrowsAwayAndItsEnd() {
        outbox.offer(news(MUST, "thrown away"));
        outbox.cutShort(Frames.close(1000, ""));
        outbox.cutShort(Frames.close(1008, ""));
        assertEquals("\u0088\u0002\u0003\u00e8", drain(64));
        assertEquals(0, budget.held());
    }

    @Test
    void blamesNobodyForAnEventThatIsTooLarge() {
        assertEquals(Offer.DROPPED, outbox.offer(news(MUST, "x".repeat(1001))));
        assertEquals(Offer.QUEUED, outbox.offer(news(MUST, "z")));
        assertTrue(drain(64).endsWith(event("z", 2)));
    }

    @Test
    void saysWhenAPeerReadsTooSlowly() {
        outbox.offer(news(MUST, "x".repeat(700)));
        outbox.offer(news(MUST, "x".repeat(700)));
        assertEquals(Offer.OVERFLOW, outbox.offer(news(MUST, "y".repeat(600))));
        assertFalse(outbox.isCongested());
        outbox.respond(new byte[1000]);
        assertTrue(outbox.isCongested());
    }

    @Test
    void countsSharedBytesOnce() {
        News shared = news(MUST, "s".repeat(500));
        var other = new Outbox(2000, budget);
        outbox.offer(shared);
        long alone = budget.held();
        other.offer(shared);
        assertEquals(alone, budget.held());
        other.discard();
        assertEquals(alone, budget.held());
        drain(64);
        assertEquals(0, budget.held());
    }

    @Test
    void answersAPingBeforeWhatWaitsAndOnlyTheNewest() {
        outbox.respond("r".getBytes(StandardCharsets.UTF_8));
        outbox.pong(new byte[]{1});
        outbox.pong(new byte[]{2});
        assertEquals("\u008a\u0001\u0002" + frame("r"), drain(64));
    }

    @Test
    void neverPutsAPongIntoTheMiddleOfAFrame() {
        outbox.respond("long enough to be cut".getBytes(StandardCharsets.UTF_8));
        ByteBuffer little = ByteBuffer.allocate(5);
        outbox.fill(little);
        outbox.written(5);
        outbox.pong(new byte[]{9});
        String rest = new String(little.array(), StandardCharsets.ISO_8859_1) + drain(64);
        assertEquals(frame("long enough to be cut") + "\u008a\u0001\u0009", rest);
    }

    @Test
    void takesNothingAfterItsEnd() {
        outbox.respond("before".getBytes(StandardCharsets.UTF_8));
        outbox.end(Frames.close(1000, ""));
        outbox.respond("after".getBytes(StandardCharsets.UTF_8));
        assertEquals(Offer.CLOSED, outbox.offer(news(MUST, "after")));
        assertEquals(frame("before") + "\u0088\u0002\u0003\u00e8", drain(64));
    }

    @Test
    void givesEverythingBackWhenTheSocketIsGone() {
        outbox.respond(new byte[500]);
        outbox.offer(news(MUST, "x"));
        outbox.fill(ByteBuffer.allocate(100));
        outbox.written(10);
        outbox.discard();
        assertEquals(0, budget.held());
        assertEquals(0, outbox.bytes());
        assertTrue(outbox.isEmpty());
    }
}
