package dev.chela.runtime.bench;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// What a stretch of time costs the server, the load client and the rest of the machine.
final class Meter {

    private final OptionalLong server;
    private final long begun = System.nanoTime();
    private final OptionalDouble serverBefore;
    private final OptionalDouble ownBefore = own();
    private final OptionalDouble machineBefore = Processes.machineMicros();

    Meter(OptionalLong server) {
        this.server = server;
        this.serverBefore = server.isPresent() ? Processes.cpuMicros(server.getAsLong()) : OptionalDouble.empty();
    }

    private static OptionalDouble own() {
        // Without children: a floor may be one.
        return ProcessHandle.current().info().totalCpuDuration().map(used -> OptionalDouble.of(used.toNanos() / 1e3))
                .orElseGet(OptionalDouble::empty);
    }

    /// The figures since the beginning.
    Map<Figure, Double> figures(long operations) {
        double micros = (System.nanoTime() - begun) / 1e3;
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        figures.put(Figure.COUNT, (double) operations);
        figures.put(Figure.PER_SECOND, operations * 1e6 / micros);
        double known = 0;
        OptionalDouble now = server.isPresent() ? Processes.cpuMicros(server.getAsLong()) : OptionalDouble.empty();
        if (now.isPresent() && serverBefore.isPresent()) {
            double used = now.getAsDouble() - serverBefore.getAsDouble();
            known += used;
            figures.put(Figure.SERVER_CPU, used / micros * 100);
            if (operations > 0) {
                figures.put(Figure.SERVER_CPU_PER_OP, used / operations);
            }
            Processes.residentKib(server.getAsLong())
                    .ifPresent(kib -> figures.put(Figure.SERVER_RSS, kib / 1024));
        }
        OptionalDouble ownNow = own();
        if (ownNow.isPresent() && ownBefore.isPresent()) {
            double used = ownNow.getAsDouble() - ownBefore.getAsDouble();
            known += used;
            figures.put(Figure.CLIENT_CPU, used / micros * 100);
        }
        OptionalDouble machine = Processes.machineMicros();
        if (machine.isPresent() && machineBefore.isPresent()) {
            double others = machine.getAsDouble() - machineBefore.getAsDouble() - known;
            figures.put(Figure.OTHERS_CPU, Math.max(0, others / micros * 100));
        }
        return figures;
    }

    /// Adds percentiles.
    static void add(Map<Figure, Double> figures, Latencies latencies) {
        if (latencies.total() > 0) {
            figures.put(Figure.P50, latencies.micros(0.5));
            figures.put(Figure.P99, latencies.micros(0.99));
            figures.put(Figure.P999, latencies.micros(0.999));
            figures.put(Figure.MAX, latencies.longestMicros());
        }
    }
}
