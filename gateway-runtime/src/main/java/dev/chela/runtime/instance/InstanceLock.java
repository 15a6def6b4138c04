package dev.chela.runtime.instance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonBuffer;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;

import org.jspecify.annotations.Nullable;

/// The operating system's lock on a state folder: it dies with its process, however that ends. What the file says only
/// names the holder.
public final class InstanceLock implements AutoCloseable {

    /// What this very process holds, and what its files say. POSIX takes a lock away from a process that closes the file
    /// anywhere, so a file that is locked here must not even be opened to look.
    private static final int ATTEMPTS = 20;
    private static final long PAUSE_MS = 10;
    private static final Map<Path, JsonText> HELD = new ConcurrentHashMap<>();

    private final Path file;
    private final FileChannel channel;
    private final FileLock lock;

    private InstanceLock(Path file, FileChannel channel, FileLock lock) {
        this.file = file;
        this.channel = channel;
        this.lock = lock;
    }

    /// Takes the lock.
    ///
    /// @param configFile named in the file
    /// @throws BusyException naming the holder if another gateway has it
    public static InstanceLock acquire(StateFolder folder, Path configFile) {
        Path file = real(folder);
        JsonText own = HELD.putIfAbsent(file, JsonText.EMPTY);
        if (own != null) {
            throw busy(folder, holder(own));
        }
        InstanceLock held = null;
        try {
            held = lock(folder, file);
            held.name(configFile, null);
            return held;
        } finally {
            if (held == null) {
                HELD.remove(file);
            }
        }
    }

    private static InstanceLock lock(StateFolder folder, Path file) {
        try {
            FileChannel channel = FileChannel.open(folder.lock(),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    StateFolder.FILE);
            FileLock lock = channel.tryLock();
            // A command that asks who runs holds the lock for a moment, and writes nothing into the file.
            for (int i = 0; lock == null && Files.size(folder.lock()) == 0 && i < ATTEMPTS; i++) {
                Thread.sleep(PAUSE_MS);
                lock = channel.tryLock();
            }
            if (lock == null) {
                channel.close();
                throw busy(folder, holder(JsonText.of(Files.readAllBytes(folder.lock()))));
            }
            return new InstanceLock(file, channel, lock);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy(folder, "");
        } catch (IOException e) {
            throw new UncheckedIOException("the lock " + folder.lock() + " cannot be used", e);
        }
    }

    /// One folder has one name here, whatever links lead to it.
    private static Path real(StateFolder folder) {
        try {
            return folder.path().toRealPath().resolve(folder.lock().getFileName());
        } catch (IOException e) {
            throw new UncheckedIOException("the state folder " + folder.path() + " cannot be used", e);
        }
    }

    private static BusyException busy(StateFolder folder, String holder) {
        return new BusyException("another gateway uses the state folder " + folder.path() + holder
                + "; stop it, or use another folder with --state-dir or --profile");
    }

    /// Where a gateway listens.
    ///
    /// @param url what a client on this machine connects to
    public record Address(int port, String url) {}

    /// Adds the address to what the file says.
    public void name(Path configFile, @Nullable Address address) {
        // By hand: the first number made of a BigDecimal costs a tenth of the whole start.
        var holder = new JsonBuffer(256).raw("{\"pid\":").number(ProcessHandle.current().pid());
        ProcessHandle.current().info().startInstant()
                .ifPresent(start -> holder.raw(",\"startTime\":").text(start.toString()));
        holder.raw(",\"createdAt\":").text(Instant.now().toString()).raw(",\"configPath\":")
                .text(configFile.toString());
        if (address != null) {
            holder.raw(",\"port\":").number(address.port()).raw(",\"url\":").text(address.url());
        }
        JsonText text = JsonText.of(holder.raw("}").toBytes());
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(text.bytes(), text.from(), text.length()), 0);
            HELD.put(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("the lock cannot be written", e);
        }
    }

    private static String holder(JsonText text) {
        try {
            Json holder = JsonCodec.read(text);
            return " (pid " + holder.whole("pid").map(String::valueOf).orElse("unknown")
                    + holder.whole("port").map(port -> ", port " + port).orElse("") + ")";
        } catch (IllegalArgumentException e) {
            return " (it does not say which)";
        }
    }

    /// What the file of a folder says about the gateway that runs there, if one does.
    public static Optional<Json> running(StateFolder folder) {
        if (!Files.exists(folder.lock())) {
            return Optional.empty();
        }
        JsonText own = HELD.get(real(folder));
        if (own != null) {
            return Optional.of(JsonCodec.read(own));
        }
        try (FileChannel channel = FileChannel.open(folder.lock(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            FileLock lock = channel.tryLock();
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
        } finally {
            HELD.remove(file);
        }
    }
}
