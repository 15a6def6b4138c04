package dev.chela.plugin.mcp;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/// Reads lines of a limited length. Used by one thread.
final class Lines {

    private final InputStream in;
    private final int max;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /// @param max bytes in a line
    Lines(InputStream in, int max) {
        this.in = new BufferedInputStream(in, 64 << 10);
        this.max = max;
    }

    /// The next line, or what stands behind the last one; null at the end.
    ///
    /// @throws TooLong once more than the limit has come without an end of line
    @Nullable
    String next() throws IOException {
        line.reset();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return line.size() == 0 ? null : text();
            } else if (line.size() >= max) {
                throw new TooLong();
            }
            line.write(b);
        }
        return text();
    }

    private String text() {
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /// A line that is longer than permitted.
    static final class TooLong extends IOException {

        private static final long serialVersionUID = 1L;
    }
}
