package dev.chela.runtime.bench;

import java.util.Map;

/// New clients one after another: TCP connect, upgrade, signed connect, hello-ok, goodbye.
///
/// @param timing how long
/// @param parallel how many of them at once
public record Handshakes(Timing timing, int parallel) implements Scenario {

    @Override
    public Report run(Subject subject) throws BenchException, InterruptedException {
        try (var loop = new Loop()) {
            var rounds = new Rounds(loop, subject);
            loop.execute(() -> {
                for (int i = 0; i < parallel; i++) {
                    rounds.next();
                }
            });
            loop.pause(timing.warmUp());
            var meter = new Meter(subject.process());
            loop.ask(() -> rounds.counting = true);
            loop.pause(timing.counted());
            Map<Figure, Double> figures = loop.ask(() -> {
                rounds.counting = false;
                rounds.going = false;
                return meter.figures(rounds.latencies.total());
            });
            Meter.add(figures, rounds.latencies);
            figures.put(Figure.ERRORS, 0.0);
            return new Report("handshake", subject.uri().toString(), figures, "");
        }
    }

    /// On the loop's thread.
    private static final class Rounds implements Peer.User {

        private final Loop loop;
        private final Subject subject;
        private final Peer.Keys keys;
        private final Latencies latencies = new Latencies();
        private boolean counting;
        private boolean going = true;

        Rounds(Loop loop, Subject subject) {
            this.loop = loop;
            this.subject = subject;
            this.keys = new Peer.Keys(subject.credentials());
        }

        void next() {
            if (going) {
                Peer.open(loop, subject, keys, this);
            }
        }

        @Override
        public void ready(Peer peer) {
            if (counting) {
                latencies.record(System.nanoTime() - peer.startedAt());
            }
            peer.close();
        }

        /// Not before the server has let go: otherwise its connections would pile up.
        @Override
        public void closed(Peer peer) {
            loop.execute(this::next);
        }
    }
}
