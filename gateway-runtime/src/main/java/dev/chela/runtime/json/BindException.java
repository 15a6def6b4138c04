package dev.chela.runtime.json;

import java.util.List;
import java.util.stream.Collectors;

/// A JSON text that does not fit its record; says everything that is wrong at once.
public final class BindException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    BindException(List<Problem> problems) {
        super(problems.stream().map(Problem::forClient).distinct().collect(Collectors.joining("; ")), null, false,
                false);
        this.problems = List.copyOf(problems);
    }

    /// Everything that is wrong, in the order of the text.
    public List<Problem> problems() {
        return problems;
    }

    /// The problems in the form official clients know, joined.
    public String forClient() {
        return String.valueOf(getMessage());
    }
}
