package dev.chela.plugin.openai;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import dev.chela.api.agent.EngineException;
import dev.chela.api.agent.EngineException.Kind;

/// Cuts a body into lines, however its bytes are split, and stops at one that is too long.
final class Lines {

    /// The longest line, in bytes.
    static final int MAX_LINE = 2 << 20;
    /// The longest body, in bytes.
    static final long MAX_BODY = 64L << 20;

    private final Body body;
    private final Supplier<Duration> patience;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private ByteBuffer piece = ByteBuffer.allocate(0);
    private long read;
    private boolean afterReturn;
    private boolean first = true;

    /// @param patience how long the next bytes may take
    Lines(Body body, Supplier<Duration> patience) {
        this.body = body;
        this.patience = patience;
    }

    /// The next line without its end, which is a line feed, a carriage return or both; empty behind the last.
    Optional<String> next() throws EngineException, IOException, InterruptedException, TimeoutException {
        while (fill()) {
            byte b = piece.get();
            boolean secondHalf = afterReturn && b == '\n';
            afterReturn = b == '\r';
            if (secondHalf) {
                continue;
            } else if (b == '\n' || b == '\r') {
                return Optional.of(take());
            }
            line.write(b);
            if (line.size() > MAX_LINE) {
                throw tooLong("line", MAX_LINE);
            }
        }
        return line.size() == 0 ? Optional.empty() : Optional.of(take());
    }

    private boolean fill() throws EngineException, IOException, InterruptedException, TimeoutException {
        while (!piece.hasRemaining()) {
            Optional<ByteBuffer> more = body.next(patience.get());
            if (more.isEmpty()) {
                return false;
            }
            piece = more.get();
            read += piece.remaining();
            if (read > MAX_BODY) {
                throw tooLong("answer", MAX_BODY);
            }
        }
        return true;
    }

    private String take() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        boolean marked = first && text.startsWith("\uFEFF");
        first = false;
        return marked ? text.substring(1) : text;
    }

    private static EngineException tooLong(String what, long max) {
        return new EngineException(Kind.UNKNOWN,
                "the provider sent a " + what + " longer than " + (max >> 20) + " MiB");
    }
}
