package dev.chela.runtime.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import dev.chela.runtime.json.JsonBuffer;

import org.jspecify.annotations.Nullable;

/// Writes the log as JSON lines, in the form that the log views of official clients read.
///
/// A thread of its own writes: whoever logs never waits for the disk. If it cannot keep up, lines are left out and
/// counted.
public final class LogFile extends Handler {

    /// The size at which a new file is begun; one old file is kept.
    public static final long MAX_BYTES = 32 << 20;

    private static final int WAITING_LINES = 4096;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final LogRecord END = new LogRecord(Level.OFF, "");

    private final Path file;
    private final BlockingQueue<LogRecord> waiting = new ArrayBlockingQueue<>(WAITING_LINES);
    private final AtomicLong leftOut = new AtomicLong();
    private final Thread thread;
    private volatile boolean open = true;

    private LogFile(Path file) {
        this.file = file;
        this.thread = Thread.ofPlatform().name("chela-log").daemon().unstarted(this::writeAll);
    }

    /// Adds the file to the sinks of this process.
    public static LogFile open(Path file) {
        var log = new LogFile(file);
        Logger.getLogger("").addHandler(log);
        log.thread.start();
        return log;
    }

    /// Where it is.
    public Path file() {
        return file;
    }

    @Override
    public void publish(LogRecord line) {
        if (open && !waiting.offer(line)) {
            leftOut.incrementAndGet();
        }
    }

    private void writeAll() {
        boolean failing = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = writeUntilEnd(append());
            } catch (IOException | RuntimeException e) {
                if (!failing) {
                    Logger.getLogger("log").warning("the log file " + file + " cannot be written: " + e
                            + "; it is tried again each second");
                }
                failing = true;
                ended = loseForAWhile();
            }
        }
    }

    /// @return true at the end
    private boolean writeUntilEnd(FileChannel first) throws IOException {
        FileChannel current = first;
        try {
            while (true) {
                LogRecord line = take(Long.MAX_VALUE);
                if (END.equals(line)) {
                    return true;
                } else if (line != null) {
                    write(current, line);
                    current = rotated(current);
                }
            }
        } finally {
            current.close();
        }
    }

    private void write(FileChannel current, LogRecord line) throws IOException {
        boolean written = false;
        try {
            current.write(ByteBuffer.wrap(encode(line)));
            written = true;
        } finally {
            if (!written) {
                leftOut.incrementAndGet();
            }
        }
    }

    /// A disk that is full for a moment must not end the log for good.
    ///
    /// @return true if the log ended meanwhile
    private boolean loseForAWhile() {
        long until = System.nanoTime() + RETRY_AFTER.toNanos();
        for (long left = RETRY_AFTER.toNanos(); left > 0; left = until - System.nanoTime()) {
            LogRecord line = take(left);
            if (END.equals(line)) {
                return true;
            } else if (line != null) {
                leftOut.incrementAndGet();
            }
        }
        return false;
    }

    private @Nullable LogRecord take(long nanos) {
        try {
            return waiting.poll(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return END;
        }
    }

    private FileChannel append() throws IOException {
        return FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private FileChannel rotated(FileChannel current) throws IOException {
        if (current.position() < MAX_BYTES) {
            return current;
        }
        current.close();
        Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        return append();
    }

    private byte[] encode(LogRecord line) {
        String time = Instant.ofEpochMilli(line.getMillis()).toString();
        String part = new String(new JsonBuffer(64).raw("{\"subsystem\":").text(String.valueOf(line.getLoggerName()))
                .raw("}").toBytes(), StandardCharsets.UTF_8);
        String text = LogLine.text(line);
        long lost = leftOut.getAndSet(0);
        if (lost > 0) {
            text += " (" + lost + " lines before this one were left out)";
        }
        // Old clients read the numbered parts, of which the newer page shows the first as text unless there is a message.
        return new JsonBuffer(256 + 2 * text.length()).raw("{\"0\":").text(part).raw(",\"1\":").text(text)
                .raw(",\"_meta\":{\"date\":").text(time).raw(",\"logLevelName\":").text(LogLine.level(line))
                .raw(",\"name\":").text(part).raw("},\"time\":").text(time).raw(",\"message\":").text(text).raw("}\n")
                .toBytes();
    }

    @Override
    public void flush() {}

    /// Writes what waits and lets go of the file.
    @Override
    public void close() {
        Logger.getLogger("").removeHandler(this);
        open = false;
        try {
            if (waiting.offer(END, 1, TimeUnit.SECONDS)) {
                thread.join(2000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted while the log was closed", e));
        }
    }
}
