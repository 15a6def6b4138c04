package dev.chela.runtime.bench;

import java.time.Duration;

/// One kind of load.
public interface Scenario {

    /// How long a measurement takes.
    ///
    /// @param warmUp load that is not counted
    /// @param counted load that is
    record Timing(Duration warmUp, Duration counted) {}

    /// Does it once.
    ///
    /// @throws BenchException if the server cannot be reached, refuses, or goes away
    Report run(Subject subject) throws BenchException, InterruptedException;

    /// What a floor must imitate to be comparable.
    default Shape shape(Subject subject) throws BenchException, InterruptedException {
        return Shape.of(subject, "", "{}");
    }
}
