package dev.chela.plugin.openai;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

import dev.chela.api.agent.EngineException;
import dev.chela.api.agent.EngineException.Kind;

import org.jspecify.annotations.Nullable;

/// Puts the lines of an event stream together to the data of its events.
final class ServerEvents {

    private final Lines lines;
    private @Nullable String begun;

    /// @param begun a line that was read already
    ServerEvents(Lines lines, String begun) {
        this.lines = lines;
        this.begun = begun;
    }

    /// The data of the next event; empty behind the last. An event that the end of the stream cuts off counts.
    Optional<String> next() throws EngineException, IOException, InterruptedException, TimeoutException {
        StringBuilder data = null;
        for (Optional<String> line = line(); line.isPresent(); line = line()) {
            String text = line.get();
            if (text.isEmpty() && data != null) {
                return Optional.of(data.toString());
            } else if (text.equals("data") || text.startsWith("data:")) {
                data = data == null ? new StringBuilder() : data.append('\n');
                data.append(value(text));
                if (data.length() > Lines.MAX_LINE) {
                    throw new EngineException(Kind.UNKNOWN, "the provider sent an event longer than "
                            + (Lines.MAX_LINE >> 20) + " MiB");
                }
            }
        }
        return Optional.ofNullable(data).map(StringBuilder::toString);
    }

    private Optional<String> line() throws EngineException, IOException, InterruptedException, TimeoutException {
        String known = begun;
        begun = null;
        return known == null ? lines.next() : Optional.of(known);
    }

    private static String value(String line) {
        String value = line.substring(Math.min(line.length(), "data:".length()));
        return value.startsWith(" ") ? value.substring(1) : value;
    }
}
