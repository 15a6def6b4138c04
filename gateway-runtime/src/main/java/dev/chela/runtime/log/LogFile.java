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

/// Writes the log as JSON lines, in the form that the log views of official clients read.
///
/// A thread of its own writes: whoever logs never waits for the disk. If it cannot keep up, lines are left out and
/// counted.
public final class LogFile extends Handler {

    /// The size at which a new file is begun; one old file is kept.
    public static final long MAX_BYTES = 32 << 20;

    private static final int WAITING_LINES = 4096;
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
        try (FileChannel channel = append()) {
            FileChannel current = channel;
            for (LogRecord line = waiting.take(); !END.equals(line); line = waiting.take()) {
                current.write(ByteBuffer.wrap(encode(line)));
                current = rotated(current);
            }
            current.close();
        } catch (IOException e) {
            open = false;
            waiting.clear();
            Logger.getLogger("").removeHandler(this);
            Logger.getLogger("log").warning("the log file " + file + " cannot be written any more: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
        return new JsonBuffer(256 + text.length()).raw("{\"0\":").text(part).raw(",\"1\":").text(text)
                .raw(",\"_meta\":{\"date\":").text(time).raw(",\"logLevelName\":").text(LogLine.level(line))
                .raw(",\"name\":").text(part).raw("},\"time\":").text(time).raw("}\n").toBytes();
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
