package dev.chela.runtime.config;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

import dev.chela.runtime.json.Problem;

import org.jspecify.annotations.Nullable;

/// A configuration that cannot be used; says everything that is wrong at once.
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    ConfigException(@Nullable Path file, List<Problem> problems) {
        super((file == null ? "the configuration" : "config " + file) + " cannot be used:" + problems.stream()
                .map(problem -> "\n  " + problem.forPerson()).collect(Collectors.joining()));
        this.problems = List.copyOf(problems);
    }

    /// One thing that is wrong with the whole.
    public ConfigException(String message) {
        super(message);
        this.problems = List.of(new Problem("", message, null));
    }

    /// Everything that is wrong.
    public List<Problem> problems() {
        return problems;
    }
}
