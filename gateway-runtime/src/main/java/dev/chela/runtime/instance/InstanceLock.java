package dev.chela.runtime.instance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;

import org.jspecify.annotations.Nullable;

/// The operating system's lock on a state folder: it dies with its process, however that ends. What the file says only
/// names the holder.
public final class InstanceLock implements AutoCloseable {

    private final FileChannel channel;
    private final FileLock lock;

    private InstanceLock(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /// Takes the lock.
    ///
    /// @param configFile named in the file
    /// @throws BusyException naming the holder if another gateway has it
    public static InstanceLock acquire(StateFolder folder, Path configFile) {
        try {
            FileChannel channel = FileChannel.open(folder.lock(),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    StateFolder.FILE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new BusyException("another gateway uses the state folder " + folder.path() + holder(folder.lock())
                        + "; stop it, or use another folder with --state-dir or --profile");
            }
            var held = new InstanceLock(channel, lock);
            held.name(configFile, null);
            return held;
        } catch (IOException e) {
            throw new UncheckedIOException("the lock " + folder.lock() + " cannot be used", e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // held by this very process
        }
    }

    /// Adds the port to what the file says.
    public void name(Path configFile, @Nullable Integer port) {
        Map<String, Object> holder = new LinkedHashMap<>();
        holder.put("pid", ProcessHandle.current().pid());
        ProcessHandle.current().info().startInstant().ifPresent(start -> holder.put("startTime", start.toString()));
        holder.put("createdAt", Instant.now().toString());
        holder.put("configPath", configFile.toString());
        if (port != null) {
            holder.put("port", port);
        }
        JsonText text = new JsonCodec().encode(Json.of(holder));
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(text.bytes(), text.from(), text.length()), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("the lock cannot be written", e);
        }
    }

    private static String holder(Path file) {
        try {
            Json holder = JsonCodec.read(JsonText.of(Files.readAllBytes(file)));
            return " (pid " + holder.whole("pid").map(String::valueOf).orElse("unknown")
                    + holder.whole("port").map(port -> ", port " + port).orElse("") + ")";
        } catch (IOException | IllegalArgumentException e) {
            return " (it does not say which)";
        }
    }

    /// What the file of a folder says about the gateway that runs there, if one does.
    public static Optional<Json> running(StateFolder folder) {
        try (FileChannel channel = FileChannel.open(folder.lock(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            FileLock lock = tryLock(channel);
            if (lock != null) {
                lock.release();
                return Optional.empty();
            }
            return Optional.of(JsonCodec.read(JsonText.of(Files.readAllBytes(folder.lock()))));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        try {
            channel.truncate(0);
            lock.release();
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the lock cannot be given back", e);
        }
    }
}
