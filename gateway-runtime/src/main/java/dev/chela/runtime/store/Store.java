package dev.chela.runtime.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/// What must survive a crash, in one SQLite file (WAL, every commit synced to disk).
///
/// One thread writes; whatever waits when it turns to the disk shares one commit. Readers have connections of their own
/// and never wait for it. Safe for all threads.
public final class Store implements AutoCloseable {

    private static final int READERS = 4;
    private static final int MAX_BATCH = 256;
    /// How long something may be safe from the death of the process only.
    private static final long SYNC_AFTER_MS = 100;
    private static final Work<Boolean> SYNC = Tx::touch;

    private final Path file;
    private final Sql writer;
    private final BlockingQueue<Sql> readers = new ArrayBlockingQueue<>(READERS);
    private final BlockingQueue<Task<?>> tasks = new LinkedBlockingQueue<>();
    private final AtomicLong version = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;

    /// Work on its way.
    ///
    /// @param lasting whether it must be on the disk, or only safe from the death of this process, when it counts as done
    private record Task<T>(@Nullable Work<T> work, boolean lasting, CompletableFuture<T> done) {

        /// Does the work; an exception stays with it.
        void run(Tx tx, List<Runnable> afterCommit) {
            if (work == null) {
                return;
            }
            T value = work.in(tx);
            afterCommit.add(() -> done.complete(value));
        }
    }

    private Store(Path file, Sql writer) {
        this.file = file;
        this.writer = writer;
        this.thread = Thread.ofPlatform().name("chela-store").daemon().unstarted(this::writeAll);
    }

    /// Opens a store, making or updating it if need be.
    ///
    /// @throws StoreException if it is damaged, newer than this gateway, or cannot be written
    public static Store open(Path file) {
        NativeLibrary.provide(file.resolveSibling("native"));
        try {
            if (!Files.exists(file)) {
                Files.createFile(file, PosixFilePermissions.asFileAttribute(
                        PosixFilePermissions.fromString("rw-------")));
            }
        } catch (IOException e) {
            throw new StoreException("cannot make the store " + file, e);
        }
        Sql writer = connect(file, false);
        try {
            Schema.migrate(writer, file);
            var store = new Store(file, writer);
            for (int i = 0; i < READERS; i++) {
                store.readers.add(connect(file, true));
            }
            store.thread.start();
            return store;
        } catch (RuntimeException e) {
            writer.close();
            throw new StoreException("cannot use the store " + file + ": " + e.getMessage(), e);
        }
    }

    private static Sql connect(Path file, boolean readOnly) {
        var config = new SQLiteConfig();
        config.setOpenMode(SQLiteOpenMode.NOMUTEX);
        config.setBusyTimeout(5000);
        config.setReadOnly(readOnly);
        if (!readOnly) {
            config.setJournalMode(SQLiteConfig.JournalMode.WAL);
            config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        }
        try {
            return new Sql(config.createConnection("jdbc:sqlite:" + file));
        } catch (SQLException e) {
            throw new StoreException("cannot open the store " + file + ": " + e.getMessage(), e);
        }
    }

    /// Raised by every commit; what was read stays true as long as it does not change.
    public long version() {
        return version.get();
    }

    /// Where it is.
    public Path file() {
        return file;
    }

    /// Does something in a transaction and waits until it is on the disk.
    ///
    /// @throws StoreException if it could not be written; then nothing of it has happened
    public <T> T write(Work<T> work) {
        return await(submit(work, true));
    }

    /// Does something in a transaction and waits until it would survive the death of this process; a loss of power within
    /// the next tenth of a second may still undo it. Much faster than [#write].
    ///
    /// @throws StoreException if it could not be written; then nothing of it has happened
    public <T> T note(Work<T> work) {
        return await(submit(work, false));
    }

    private <T> CompletableFuture<T> submit(Work<T> work, boolean lasting) {
        var done = new CompletableFuture<T>();
        tasks.add(new Task<>(work, lasting, done));
        if (closed) { // asked after the task was added: either the writer has refused it, or it is refused here
            refuse();
        }
        return done;
    }

    private void refuse() {
        closed = true;
        tasks.forEach(task -> task.done().completeExceptionally(new StoreException("the store is closed")));
    }

    private static <T> T await(CompletableFuture<T> done) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return done.get();
                } catch (InterruptedException e) {
                    interrupted = true; // whether it was written must be known, so this wait ends only with the answer
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? rethrown(cause) : new StoreException("failed", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException rethrown(RuntimeException cause) {
        return cause instanceof StoreException ? new StoreException(String.valueOf(cause.getMessage()), cause) : cause;
    }

    /// Reads what is committed.
    ///
    /// @throws StoreException if it could not be read
    public <T> T read(Work<T> work) {
        Sql reader = reader();
        try {
            return work.in(new Tx(reader));
        } finally {
            readers.add(reader);
        }
    }

    /// A reader comes back soon, so this wait is not cut short: an engine's thread that was told to stop still has to
    /// say how its run ended.
    private Sql reader() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return readers.take();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void writeAll() {
        List<Task<?>> batch = new ArrayList<>();
        var tx = new Tx(writer);
        boolean open = true;
        long syncBy = 0;
        while (open) {
            try {
                long wait = syncBy == 0 ? 0 : Math.max(0, syncBy - System.nanoTime());
                Task<?> first = syncBy == 0 ? tasks.take() : tasks.poll(wait, TimeUnit.NANOSECONDS);
                if (first == null || (syncBy != 0 && syncBy - System.nanoTime() <= 0)) {
                    batch.add(new Task<>(SYNC, true, new CompletableFuture<>()));
                }
                if (first != null) {
                    batch.add(first);
                }
                tasks.drainTo(batch, MAX_BATCH);
                open = batch.stream().noneMatch(task -> task.work() == null);
                if (commit(batch, tx)) {
                    syncBy = 0;
                } else if (syncBy == 0 || syncBy - System.nanoTime() <= 0) { // also one that failed is tried again later
                    syncBy = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SYNC_AFTER_MS);
                }
            } catch (InterruptedException e) {
                open = false;
            }
            batch.clear();
        }
        refuse();
    }

    /// Each task has its own savepoint: one that fails takes no other with it. If the commit fails, all have.
    ///
    /// @return whether everything written so far is on the disk
    private boolean commit(List<Task<?>> batch, Tx tx) {
        List<Runnable> afterCommit = new ArrayList<>();
        boolean lasting = batch.stream().anyMatch(task -> task.lasting() || task.work() == null);
        try {
            writer.run(lasting ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            writer.begin();
            for (Task<?> task : batch) {
                attempt(task, tx, afterCommit);
            }
            writer.commit();
            version.incrementAndGet();
        } catch (Throwable e) {
            writer.rollback();
            batch.forEach(task -> task.done().completeExceptionally(e));
            return false;
        }
        afterCommit.forEach(Runnable::run);
        return lasting;
    }

    private void attempt(Task<?> task, Tx tx, List<Runnable> afterCommit) {
        writer.run("SAVEPOINT one");
        try {
            task.run(tx, afterCommit);
        } catch (Throwable e) { // whatever it was, the writer goes on: everybody depends on it
            writer.run("ROLLBACK TO one");
            afterCommit.add(() -> task.done().completeExceptionally(e));
        }
        writer.run("RELEASE one");
    }

    /// Finishes what was submitted, then closes the file.
    @Override
    public void close() {
        tasks.add(new Task<>(null, false, new CompletableFuture<>()));
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while the last work was written", e);
        }
        List<Sql> open = new ArrayList<>();
        readers.drainTo(open);
        open.forEach(Sql::close);
        writer.close();
    }
}
