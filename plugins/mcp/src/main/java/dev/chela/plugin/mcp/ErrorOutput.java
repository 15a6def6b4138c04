package dev.chela.plugin.mcp;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// What a program writes for people, in the log at debug: so many lines in a while and no more, for a program that fails
/// often says so without end.
final class ErrorOutput implements Runnable {

    private static final int MAX_LINE = 2000;
    private static final int MAX_LINES = 50;
    private static final Duration WHILE = Duration.ofSeconds(10);

    private final String name;
    private final InputStream in;
    private final System.Logger log;
    private final StringBuilder line = new StringBuilder();
    private long since = System.nanoTime();
    private int lines;

    ErrorOutput(String name, InputStream in, System.Logger log) {
        this.name = name;
        this.in = in;
        this.log = log;
    }

    /// Reads on whatever becomes of it: a program whose output nobody takes stands still.
    @Override
    public void run() {
        byte[] buffer = new byte[4096];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                new String(buffer, 0, n, StandardCharsets.UTF_8).chars().forEach(this::take);
            }
            end();
        } catch (IOException e) {
            end();
        }
    }

    private void take(int character) {
        if (character == '\n') {
            end();
        } else if (line.length() < MAX_LINE) {
            line.append(Character.isISOControl(character) ? ' ' : (char) character);
        }
    }

    private void end() {
        long now = System.nanoTime();
        if (now - since > WHILE.toNanos()) {
            since = now;
            lines = 0;
        }
        lines++;
        if (!line.isEmpty() && lines <= MAX_LINES) {
            log.log(Level.DEBUG, "MCP server '" + name + "' says: " + line
                    + (lines == MAX_LINES ? " (and no more for a while)" : ""));
        }
        line.setLength(0);
    }
}
