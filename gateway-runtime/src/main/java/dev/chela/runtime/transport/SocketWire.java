package dev.chela.runtime.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import dev.chela.runtime.connection.Connection;
import dev.chela.runtime.connection.Outbox;
import dev.chela.runtime.connection.Wire;
import dev.chela.runtime.protocol.Limits;
import dev.chela.runtime.websocket.CloseCode;
import dev.chela.runtime.websocket.MessageReader;
import dev.chela.runtime.websocket.MessageSink;
import dev.chela.runtime.websocket.Violation;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;

/// A WebSocket on an upgraded connection: reads on the socket's own thread, writes on whichever thread has something.
final class SocketWire implements Wire, MessageSink {

    /// Reads of one event before other sockets get their turn.
    private static final int READS = 16;
    /// Pings a client may send in a window.
    private static final int MAX_PINGS = 1200;
    private static final long PING_WINDOW_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final StreamConnection socket;
    private final ConduitStreamSourceChannel source;
    private final ConduitStreamSinkChannel sink;
    private final XnioIoThread thread;
    private final ByteBufferPool buffers;
    private final Assembly assembly;
    private final Outbox outbox;
    private final MessageReader reader;
    private final AtomicInteger writing = new AtomicInteger();
    private final AtomicBoolean flushDue = new AtomicBoolean();
    private final AtomicBoolean gone = new AtomicBoolean();
    private final AtomicBoolean known = new AtomicBoolean();
    private final AtomicBoolean halfClosed = new AtomicBoolean();

    private @Nullable Connection connection;
    private XnioExecutor.@Nullable Key handshakeTimer;
    private volatile boolean blocked;
    private volatile boolean finishing;
    private volatile boolean peerDone;
    private boolean discarding;
    private boolean broken;
    private Runnable stranger = () -> {};
    private int pings;
    private long pingWindow = System.nanoTime();

    SocketWire(StreamConnection socket, ByteBufferPool buffers, Assembly assembly, Outbox outbox, Limits limits) {
        this.socket = socket;
        this.source = socket.getSourceChannel();
        this.sink = socket.getSinkChannel();
        this.thread = socket.getIoThread();
        this.buffers = buffers;
        this.assembly = assembly;
        this.outbox = outbox;
        this.reader = new MessageReader(limits.frameBeforeAuth(), this);
    }

    /// Begins to listen; on the socket's thread.
    ///
    /// @param noStranger called once: when the client has said hello, or ended without
    void attach(Connection owner, Limits limits, Runnable noStranger) {
        connection = owner;
        stranger = noStranger;
        socket.setCloseListener(_ -> ended());
        source.setReadListener(_ -> readable());
        sink.setWriteListener(_ -> writable());
        handshakeTimer = thread.executeAfter(owner::handshakeExpired, limits.handshake().toMillis(),
                TimeUnit.MILLISECONDS);
        source.wakeupReads(); // what came right behind the upgrade request was read already
    }

    // ---- reading, on the socket's thread ----

    private void readable() {
        try (PooledByteBuffer pooled = buffers.allocate()) {
            ByteBuffer buffer = pooled.getBuffer();
            for (int i = 0; i < READS; i++) {
                buffer.clear();
                int count = source.read(buffer);
                if (count == 0) {
                    return;
                } else if (count < 0) {
                    cut();
                    return;
                }
                buffer.flip();
                if (!discarding) {
                    reader.read(buffer);
                }
            }
        } catch (Violation e) {
            violated(e.code(), e.reason());
        } catch (IOException e) {
            cut();
        }
    }

    /// Tells what was wrong and throws away what comes, for a while: with input unread, the kernel would answer the
    /// cutting of the socket with a reset that destroys the close frame on its way.
    private void violated(int code, String reason) {
        discarding = true;
        broken = true;
        reader.release();
        owner().close(code, reason);
    }

    /// Gives up the unfinished message because others need the room.
    void makeRoom() {
        thread.execute(() -> {
            if (!discarding) {
                violated(CloseCode.TOO_BIG, "no room for more unfinished messages");
            }
        });
    }

    @Override
    public void message(byte[] payload) {
        owner().received(payload);
    }

    @Override
    public void ping(byte[] payload) throws Violation {
        long now = System.nanoTime();
        if (now - pingWindow > PING_WINDOW_NANOS) {
            pingWindow = now;
            pings = 0;
        }
        if (++pings > MAX_PINGS) {
            throw new Violation(CloseCode.POLICY, "too many pings");
        }
        owner().pinged(payload);
    }

    @Override
    public void pong() {
        owner().ponged();
    }

    @Override
    public void close(int code, String reason) {
        peerDone = true;
        discarding = true;
        owner().close(code, "");
        endIfDone();
    }

    @Override
    public boolean reserve(long bytes) {
        return assembly.reserve(this, bytes);
    }

    @Override
    public void keep(long bytes) {
        if (!assembly.reserve(this, bytes)) {
            makeRoom();
        }
        if (gone.get()) {
            assembly.forget(this);
        }
    }

    private Connection owner() {
        Connection current = connection;
        if (current == null) {
            throw new IllegalStateException("not attached");
        }
        return current;
    }

    // ---- writing, on any thread ----

    /// Whoever finds nobody writing writes for all; the others leave a note that there is more.
    @Override
    public void flush() {
        if (blocked || writing.getAndIncrement() != 0) {
            return;
        }
        int noted = 1;
        do {
            boolean all = write();
            if (connection != null) {
                connection.relieved();
            }
            if (!all) {
                return;
            }
            noted = writing.addAndGet(-noted);
        } while (noted != 0);
        endIfDone();
    }

    /// @return false if the socket takes no more now
    private boolean write() {
        try (PooledByteBuffer pooled = buffers.allocate()) {
            ByteBuffer buffer = pooled.getBuffer();
            while (true) {
                buffer.clear();
                outbox.fill(buffer);
                buffer.flip();
                int filled = buffer.remaining();
                if (filled == 0) {
                    return true;
                }
                int count = sink.write(buffer);
                outbox.written(count);
                if (count < filled) {
                    block();
                    return false;
                }
            }
        } catch (IOException e) {
            cut();
            return false;
        }
    }

    private void block() {
        blocked = true;
        writing.set(0);
        thread.execute(sink::resumeWrites);
    }

    private void writable() {
        if (halfClosed.get()) {
            endWrites();
            return;
        }
        sink.suspendWrites();
        blocked = false;
        flush();
    }

    @Override
    public void flushSoon() {
        if (!blocked && flushDue.compareAndSet(false, true)) {
            thread.execute(this::flushNow);
        }
    }

    private void flushNow() {
        flushDue.set(false);
        flush();
    }

    @Override
    public void readIf(BooleanSupplier wanted) {
        thread.execute(() -> {
            if (finishing || wanted.getAsBoolean()) {
                source.resumeReads();
            } else {
                source.suspendReads();
            }
        });
    }

    @Override
    public void limit(long bytes) {
        reader.limit(bytes);
        noStranger();
    }

    private void noStranger() {
        if (known.compareAndSet(false, true)) {
            stranger.run();
            XnioExecutor.Key timer = handshakeTimer;
            if (timer != null) {
                timer.remove();
            }
        }
    }

    // ---- the end ----

    @Override
    public void finish() {
        finishing = true;
        flushSoon();
        thread.execute(() -> {
            source.resumeReads(); // the peer's goodbye must be seen even if reading had been paused
            Duration grace = broken ? Limits.DISCARD : Limits.CLOSE_GRACE;
            thread.executeAfter(this::cut, grace.toMillis(), TimeUnit.MILLISECONDS);
        });
    }

    /// Once the close frame has left, nothing more will: ending our half lets the peer end its own at once.
    private void endIfDone() {
        if (finishing && outbox.isEmpty() && halfClosed.compareAndSet(false, true)) {
            thread.execute(this::endWrites);
        }
        if (halfClosed.get() && peerDone) {
            thread.execute(this::cut);
        }
    }

    private void endWrites() {
        try {
            sink.shutdownWrites();
            if (sink.flush()) {
                sink.suspendWrites();
            } else {
                sink.resumeWrites();
            }
        } catch (IOException e) {
            cut();
        }
    }

    private void cut() {
        IoUtils.safeClose(socket);
        ended();
    }

    private void ended() {
        if (gone.compareAndSet(false, true)) {
            noStranger();
            assembly.forget(this);
            owner().gone();
        }
    }
}
