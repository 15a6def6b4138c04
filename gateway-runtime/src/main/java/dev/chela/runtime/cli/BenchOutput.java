package dev.chela.runtime.cli;

import java.util.Locale;

import dev.chela.runtime.bench.Comparison;
import dev.chela.runtime.bench.Report;

/// Prints figures, for people or for scripts.
record BenchOutput(Shell shell, boolean json) {

    /// Prints one measurement.
    ///
    /// @return whether operations failed
    boolean print(Report report) {
        if (json) {
            shell.json(report.values());
            return report.failed();
        }
        shell.out().println(report.scenario() + "  " + report.target());
        report.figures().forEach((figure, value) -> line(figure.label(), String.format(Locale.ROOT, "%12s",
                BenchRounds.show(value))));
        if (!report.firstError().isEmpty()) {
            line("first error", report.firstError());
        }
        return report.failed();
    }

    /// Prints what all pairs together say.
    void print(Comparison comparison) {
        if (json) {
            shell.json(comparison.values());
            return;
        }
        shell.out().println("ratio to the floor, pair by pair: min / median / max");
        comparison.ratios().forEach((figure, ratio) -> line(figure.label(), String.format(Locale.ROOT,
                "%.2f / %.2f / %.2f", ratio.min(), ratio.median(), ratio.max())));
    }

    private void line(String label, String value) {
        shell.out().println(String.format(Locale.ROOT, "  %-32s %s", label, value));
    }
}
