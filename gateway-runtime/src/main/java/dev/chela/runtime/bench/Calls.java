package dev.chela.runtime.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// One method, called again by each of some clients as soon as it is answered.
///
/// @param timing how long
/// @param method the method
/// @param params its params, JSON
/// @param connections how many clients
/// @param inFlight how many calls of each are on their way at once
public record Calls(Timing timing, String method, String params, int connections, int inFlight) implements Scenario {

    /// Params of about a size, for the cost of large ones.
    public static String padded(int bytes) {
        String frame = "{\"pad\":\"\"}";
        return "{\"pad\":\"" + "x".repeat(Math.max(0, bytes - frame.length())) + "\"}";
    }

    @Override
    public Shape shape(Subject subject) throws BenchException, InterruptedException {
        return Shape.of(subject, method, params);
    }

    @Override
    public Report run(Subject subject) throws BenchException, InterruptedException {
        try (var loop = new Loop()) {
            List<Peer> peers = Peer.openAll(loop, subject, new Peer.Keys(subject.credentials()),
                    new Peer.Crowd(connections, 8));
            var tally = new Tally(Peer.rest(method, params), inFlight);
            loop.execute(() -> peers.forEach(peer -> new Caller(loop, peer, tally).begin()));
            loop.pause(timing.warmUp());
            var meter = new Meter(subject.process());
            loop.ask(() -> tally.counting = true);
            loop.pause(timing.counted());
            Map<Figure, Double> figures = loop.ask(() -> {
                tally.counting = false;
                return meter.figures(tally.latencies.total());
            });
            Meter.add(figures, tally.latencies);
            figures.put(Figure.ERRORS, (double) tally.errors);
            return new Report("rpc " + method, subject.uri().toString(), figures, tally.firstError);
        }
    }

    /// What all callers count; on the loop's thread.
    private static final class Tally {

        private final byte[] rest;
        private final int inFlight;
        private final Latencies latencies = new Latencies();
        private boolean counting;
        private long errors;
        private String firstError = "";

        Tally(byte[] rest, int inFlight) {
            this.rest = rest;
            this.inFlight = inFlight;
        }
    }

    /// One client; a call's id tells its place among those on their way.
    private static final class Caller implements Peer.User {

        private final Loop loop;
        private final Peer peer;
        private final Tally tally;
        private final long[] sentAt;
        private long round;

        Caller(Loop loop, Peer peer, Tally tally) {
            this.loop = loop;
            this.peer = peer;
            this.tally = tally;
            this.sentAt = new long[tally.inFlight];
        }

        void begin() {
            peer.use(this);
            for (int place = 0; place < sentAt.length; place++) {
                call(place);
            }
            watch();
        }

        /// A call that is never answered must not let the load fade away unseen.
        private void watch() {
            long oldest = Arrays.stream(sentAt).min().orElseThrow();
            if (System.nanoTime() - oldest > Loop.PATIENCE.toNanos()) {
                peer.fail("a call is not answered within " + Loop.PATIENCE.toSeconds() + " s");
            }
            loop.after(Loop.PATIENCE.dividedBy(4), this::watch);
        }

        private void call(int place) {
            sentAt[place] = System.nanoTime();
            peer.call(++round * sentAt.length + place, tally.rest);
        }

        @Override
        public void reply(Peer from, long id, boolean ok, byte[] bytes, int start, int end) {
            if (id < sentAt.length) {
                return; // not one of ours
            }
            int place = (int) (id % sentAt.length);
            if (tally.counting) {
                tally.latencies.record(System.nanoTime() - sentAt[place]);
                tally.errors += ok ? 0 : 1;
            }
            if (!ok && tally.firstError.isEmpty()) {
                tally.firstError = Peer.error(bytes, start, end);
            }
            call(place);
        }
    }
}
