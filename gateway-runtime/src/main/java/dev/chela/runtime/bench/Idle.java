package dev.chela.runtime.bench;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;

/// Clients that are connected and silent: what they cost in memory, and what the server still does.
///
/// @param settle how long the server may calm down after the handshakes
/// @param counted how long its CPU time is looked at then
/// @param connections how many clients
public record Idle(Duration settle, Duration counted, int connections) implements Scenario {

    @Override
    public Report run(Subject subject) throws BenchException, InterruptedException {
        OptionalDouble before = resident(subject);
        if (before.isEmpty()) {
            throw new BenchException(
                    "the memory of the server at " + subject.uri() + " cannot be known: it is no process"
                            + " of yours on this machine, or the system does not tell");
        }
        try (var loop = new Loop()) {
            Peer.openAll(loop, subject, new Peer.Keys(subject.credentials()), new Peer.Crowd(connections, 8));
            loop.pause(settle);
            var meter = new Meter(subject.process());
            loop.pause(counted);
            Map<Figure, Double> figures = meter.figures(0);
            figures.put(Figure.COUNT, (double) connections);
            figures.remove(Figure.PER_SECOND);
            resident(subject).ifPresent(after -> figures.put(Figure.RSS_PER_CONNECTION,
                    (after - before.getAsDouble()) / connections));
            return new Report("idle " + connections, subject.uri().toString(), figures, "");
        }
    }

    private static OptionalDouble resident(Subject subject) {
        return subject.process().isPresent()
                ? Processes.residentKib(subject.process().getAsLong())
                : OptionalDouble.empty();
    }
}
