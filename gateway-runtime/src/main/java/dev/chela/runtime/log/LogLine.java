package dev.chela.runtime.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

import org.jspecify.annotations.Nullable;

/// What both sinks make of a record: its level's name, its text, and what was thrown.
final class LogLine {

    private static final int MAX_TEXT = 8192;

    private LogLine() {}

    static String level(LogRecord line) {
        int value = line.getLevel().intValue();
        if (value >= Level.SEVERE.intValue()) {
            return "ERROR";
        } else if (value >= Level.WARNING.intValue()) {
            return "WARN";
        }
        return value >= Level.INFO.intValue() ? "INFO" : "DEBUG";
    }

    static String text(LogRecord line) {
        String text = String.valueOf(line.getMessage());
        if (line.getParameters() != null && line.getParameters().length > 0) {
            text = new SimpleFormatter().formatMessage(line);
        }
        Throwable thrown = line.getThrown();
        if (thrown != null) {
            text += line.getLevel().intValue() >= Level.SEVERE.intValue() ? "\n" + trace(thrown) : ": " + thrown;
        }
        return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "…" : text;
    }

    private static String trace(@Nullable Throwable thrown) {
        var out = new StringWriter();
        if (thrown != null) {
            thrown.printStackTrace(new PrintWriter(out, true));
        }
        return out.toString();
    }
}
