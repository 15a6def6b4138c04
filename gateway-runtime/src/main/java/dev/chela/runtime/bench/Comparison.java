package dev.chela.runtime.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Two servers measured in turn; what counts is the ratio pair by pair, since both of a pair saw the same machine.
public final class Comparison {

    /// The ratio of one figure over all pairs.
    public record Ratio(double min, double median, double max) {}

    private final Map<Figure, List<Double>> ratios = new EnumMap<>(Figure.class);

    /// Takes a pair.
    public void add(Report server, Report floor) {
        for (Figure figure : Figure.values()) {
            OptionalDouble one = server.get(figure);
            OptionalDouble other = floor.get(figure);
            if (figure.compared() && one.isPresent() && other.isPresent() && other.getAsDouble() > 0) {
                ratios.computeIfAbsent(figure, _ -> new ArrayList<>()).add(one.getAsDouble() / other.getAsDouble());
            }
        }
    }

    /// The ratios so far, server to floor.
    public Map<Figure, Ratio> ratios() {
        Map<Figure, Ratio> all = new EnumMap<>(Figure.class);
        ratios.forEach((figure, values) -> {
            List<Double> sorted = new ArrayList<>(values);
            Collections.sort(sorted);
            int middle = sorted.size() / 2;
            double median = sorted.size() % 2 == 1
                    ? sorted.get(middle)
                    : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
            all.put(figure, new Ratio(sorted.getFirst(), median, sorted.getLast()));
        });
        return all;
    }

    /// For scripts: names and values, in a fixed order.
    public Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        ratios().forEach((figure, ratio) -> {
            Map<String, Object> three = new LinkedHashMap<>();
            three.put("min", Report.rounded(ratio.min()));
            three.put("median", Report.rounded(ratio.median()));
            three.put("max", Report.rounded(ratio.max()));
            values.put(figure.key(), three);
        });
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("scenario", "ratio to floor");
        all.put("ratios", values);
        return all;
    }
}
