package dev.chela.runtime.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// What processes use, where the system tells.
public final class Processes {

    private static final double MICROS_PER_TICK = 10_000; // every Linux tells its user-space ticks as hundredths

    private Processes() {}

    /// CPU time of a process and its children in microseconds; empty if it has ended or is somebody else's.
    static OptionalDouble cpuMicros(long process) {
        return ProcessHandle.of(process).map(root -> Stream.concat(Stream.of(root), root.descendants())
                .flatMap(handle -> handle.info().totalCpuDuration().stream()).mapToLong(Duration::toNanos).sum() / 1e3)
                .map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
    }

    /// Resident memory of a process and its children in KiB; empty if the system does not tell.
    static OptionalDouble residentKib(long process) {
        double sum = ProcessHandle.of(process).map(root -> Stream.concat(Stream.of(root), root.descendants())
                .mapToDouble(handle -> residentOf(handle.pid())).sum()).orElse(0.0);
        return sum > 0 ? OptionalDouble.of(sum) : OptionalDouble.empty();
    }

    private static double residentOf(long process) {
        try {
            return Files.readAllLines(Path.of("/proc/" + process + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:")).mapToDouble(line -> Double.parseDouble(line.replaceAll(
                            "[^0-9]", "")))
                    .sum();
        } catch (IOException e) {
            return 0; // it has ended, or this is no Linux
        }
    }

    /// CPU time of the whole machine in microseconds; empty if the system does not tell.
    static OptionalDouble machineMicros() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
            String[] fields = lines.findFirst().orElse("").split(" +", -1);
            double ticks = 0;
            for (int i = 1; i <= 8; i++) {
                boolean idle = i == 4 || i == 5;
                ticks += idle ? 0 : Double.parseDouble(fields[i]);
            }
            return OptionalDouble.of(ticks * MICROS_PER_TICK);
        } catch (IOException | ArrayIndexOutOfBoundsException | NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }

    /// Ties all threads of a process to one core.
    ///
    /// @throws BenchException if that cannot be done here
    public static void pin(long process, int core) throws BenchException, InterruptedException {
        try {
            Process tool = new ProcessBuilder(List.of("taskset", "-a", "-c", "-p", Integer.toString(core),
                    Long.toString(process))).redirectErrorStream(true).redirectOutput(
                            ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!tool.waitFor(10, TimeUnit.SECONDS) || tool.exitValue() != 0) {
                throw new BenchException("taskset cannot tie process " + process + " to core " + core);
            }
        } catch (IOException e) {
            throw new BenchException("--pin needs taskset, which is not here (" + e.getMessage() + ")");
        }
    }
}
