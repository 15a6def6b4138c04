package dev.chela.runtime.bench;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/// The figures of one measurement.
///
/// @param scenario what was done
/// @param target to whom
/// @param figures those that could be known
/// @param firstError what the first failed operation said; empty if none failed
public record Report(String scenario, String target, Map<Figure, Double> figures, String firstError) {

    /// Copies the figures.
    public Report {
        Map<Figure, Double> copy = new EnumMap<>(Figure.class);
        copy.putAll(figures);
        figures = Collections.unmodifiableMap(copy);
    }

    /// One figure; empty if it could not be known.
    public OptionalDouble get(Figure figure) {
        Double value = figures.get(figure);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /// Whether operations failed.
    public boolean failed() {
        return get(Figure.ERRORS).orElse(0) > 0;
    }

    /// For scripts: names and values, in a fixed order.
    public Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("scenario", scenario);
        values.put("target", target);
        figures.forEach((figure, value) -> values.put(figure.key(), rounded(value)));
        if (!firstError.isEmpty()) {
            values.put("firstError", firstError);
        }
        return values;
    }

    /// Four digits after the point are more than any measurement is worth.
    static Number rounded(double value) {
        return value == Math.rint(value) ? (Number) (long) value : (Number) (Math.round(value * 10_000) / 10_000.0);
    }
}
