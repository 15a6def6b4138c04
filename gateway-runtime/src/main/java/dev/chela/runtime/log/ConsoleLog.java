package dev.chela.runtime.log;

import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// Shows the log to whoever started the gateway: time, level, part, text. Control characters are shown, not obeyed.
public final class ConsoleLog extends Handler {

    /// Made at the first line: the zones of the world are read for it.
    private static final class Clock {

        static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS")
                .withZone(ZoneId.systemDefault());
    }

    private final PrintStream out;

    private ConsoleLog(PrintStream out) {
        this.out = out;
    }

    /// A sink that is installed nowhere.
    static ConsoleLog on(PrintStream out) {
        return new ConsoleLog(out);
    }

    /// Makes this the only sink of the process, and sets what is logged at all.
    ///
    /// @param level `debug`, `info`, `warn` or `error`
    public static void install(PrintStream out, String level) {
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.addHandler(new ConsoleLog(out));
        level(level);
        hushLibraries();
    }

    /// What the libraries have to say at their start is of no use to anybody; their warnings are.
    public static void hushLibraries() {
        for (String library : new String[]{"org.xnio", "org.jboss.threads", "io.undertow", "org.pf4j"}) {
            Quiet.keep(library);
        }
    }

    /// Sets what is logged at all.
    ///
    /// @param level `debug`, `info`, `warn` or `error`
    public static void level(String level) {
        Logger.getLogger("").setLevel(switch (level) {
            case "debug" -> Level.FINE;
            case "warn" -> Level.WARNING;
            case "error" -> Level.SEVERE;
            default -> Level.INFO;
        });
    }

    @Override
    public void publish(LogRecord line) {
        String part = String.valueOf(line.getLoggerName());
        StringBuilder shown = new StringBuilder(128).append(Clock.TIME.format(Instant.ofEpochMilli(line.getMillis())))
                .append(' ').append(LogLine.level(line)).append(' ').append(part).append(": ");
        LogLine.text(line).codePoints().forEach(c -> {
            if (c == '\n') {
                shown.append("\n    "); // whoever gets a line end into the log still cannot begin a line of it
            } else if (c == '\t' || !Character.isISOControl(c)) {
                shown.appendCodePoint(c);
            } else {
                shown.append("\\u").append(String.format(Locale.ROOT, "%04x", c));
            }
        });
        out.println(shown);
    }

    @Override
    public void flush() {
        out.flush();
    }

    @Override
    public void close() {
        out.flush();
    }

    /// Loggers whose level was set, kept alive: a logger nobody holds forgets its level.
    private static final class Quiet {

        private static final Map<String, Logger> KEPT = new ConcurrentHashMap<>();

        static void keep(String name) {
            KEPT.computeIfAbsent(name, Logger::getLogger).setLevel(Level.WARNING);
        }
    }
}
