package dev.chela.runtime.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// One event to many clients: a sender calls `talk.mode`, and when the last of the others has the event, calls it again.
///
/// @param timing how long
/// @param connections how many clients beside the sender
/// @param deaf how many more never read what they are sent
/// @param size padding of the event, bytes
public record FanOut(Timing timing, int connections, int deaf, int size) implements Scenario {

    private static final byte[] EVENT = Envelope.ascii("talk.mode");
    private static final byte[] MARK = Envelope.ascii("\"phase\":\"f");
    /// An event that was dropped for somebody must not end the load.
    private static final Duration OVERDUE = Duration.ofSeconds(1);

    @Override
    public Report run(Subject subject) throws BenchException, InterruptedException {
        try (var loop = new Loop()) {
            var keys = new Peer.Keys(subject.credentials());
            List<Peer> peers = Peer.openAll(loop, subject, keys, new Peer.Crowd(connections, 8));
            List<Peer> neverReading = Peer.openAll(loop, subject, keys, new Peer.Crowd(deaf, 8));
            Peer sender = Peer.openAll(loop, subject, keys, new Peer.Crowd(1, 1)).getFirst();
            var news = new News(loop, sender, connections, "x".repeat(size));
            loop.execute(() -> {
                peers.forEach(peer -> peer.use(news));
                neverReading.forEach(Peer::deafen);
                news.begin();
            });
            loop.pause(timing.warmUp());
            var meter = new Meter(subject.process());
            loop.ask(() -> news.counting = true);
            loop.pause(timing.counted());
            Map<Figure, Double> figures = loop.ask(() -> {
                news.counting = false;
                return meter.figures(news.each.total());
            });
            Meter.add(figures, news.each);
            if (news.last.total() > 0) {
                figures.put(Figure.LAST_P50, news.last.micros(0.5));
                figures.put(Figure.LAST_P99, news.last.micros(0.99));
            }
            figures.put(Figure.ERRORS, (double) news.errors);
            return new Report("fan-out " + connections, subject.uri().toString(), figures, news.firstError);
        }
    }

    /// On the loop's thread.
    private static final class News implements Peer.User {

        private final Loop loop;
        private final Peer sender;
        private final int listeners;
        private final String pad;
        private final Latencies each = new Latencies();
        private final Latencies last = new Latencies();
        private boolean counting;
        private long number;
        private long sentAt;
        private long heardAt = System.nanoTime();
        private int got;
        private long errors;
        private String firstError = "";

        News(Loop loop, Peer sender, int listeners, String pad) {
            this.loop = loop;
            this.sender = sender;
            this.listeners = listeners;
            this.pad = pad;
        }

        void begin() {
            sender.use(new Peer.User() {

                @Override
                public void reply(Peer peer, long id, boolean ok, byte[] bytes, int from, int to) {
                    if (!ok) {
                        fail(Peer.error(bytes, from, to));
                    }
                }
            });
            publish();
            watch();
        }

        private void fail(String why) {
            errors++;
            firstError = firstError.isEmpty() ? why : firstError;
        }

        private void publish() {
            got = 0;
            number++;
            byte[] rest = Peer.rest("talk.mode", "{\"enabled\":true,\"phase\":\"f" + number + "-" + pad + "\"}");
            sentAt = System.nanoTime();
            sender.call(number, rest);
        }

        private void watch() {
            if (System.nanoTime() - sentAt > OVERDUE.toNanos()) {
                fail("event " + number + " reached " + got + " of " + listeners + " clients");
                publish();
            }
            if (System.nanoTime() - heardAt > Loop.PATIENCE.toNanos()) {
                sender.fail("no event comes within " + Loop.PATIENCE.toSeconds() + " s");
            }
            loop.after(OVERDUE.dividedBy(4), this::watch);
        }

        @Override
        public void event(Peer peer, byte[] bytes, int from, int to) {
            int mark = loop.envelope().isEvent(EVENT) ? Envelope.behind(MARK, bytes, from, to) : -1;
            if (mark < 0 || Envelope.digits(bytes, mark, to) != number) {
                return; // other news, or too late
            }
            heardAt = System.nanoTime();
            long took = heardAt - sentAt;
            got++;
            if (counting) {
                each.record(took);
            }
            if (got == listeners) {
                if (counting) {
                    last.record(took);
                }
                publish();
            }
        }
    }
}
