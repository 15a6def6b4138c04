package dev.chela.runtime.dispatch;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.chela.api.rpc.Call;
import dev.chela.api.rpc.Caller;
import dev.chela.api.rpc.ErrorCode;
import dev.chela.api.rpc.RpcException;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.json.TooLargeException;
import dev.chela.runtime.protocol.Failure;
import dev.chela.runtime.protocol.FrameWriter;
import dev.chela.runtime.store.StoreException;

import org.jspecify.annotations.Nullable;

/// One call on its way through the gateway; answered exactly once, besides at most one progress. Safe for all threads.
public final class RpcCall implements Call {

    private static final System.Logger LOG = System.getLogger("rpc");

    private static final int MAX_MESSAGE = 64 << 10;

    private final Line line;
    private final String id;
    private final Methods.Entry entry;
    private final Instant deadline;
    private final int maxResponse;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final AtomicBoolean progressed = new AtomicBoolean();
    private volatile boolean later;
    private volatile @Nullable Thread thread;

    RpcCall(Line line, String id, Methods.Entry entry, Instant deadline, int maxResponse) {
        this.line = line;
        this.id = id;
        this.entry = entry;
        this.deadline = deadline;
        this.maxResponse = maxResponse;
    }

    @Override
    public Caller caller() {
        return line.caller();
    }

    @Override
    public Instant deadline() {
        return deadline;
    }

    @Override
    public void progress(Object payload) {
        JsonText text = codec().encode(payload, maxPayload());
        if (!progressed.compareAndSet(false, true)) {
            throw new IllegalStateException("a call has at most one progress");
        }
        if (!isAnswered()) {
            line.respond(FrameWriter.success(id, text));
        }
    }

    /// The connection the call came in on.
    public Line line() {
        return line;
    }

    /// Tells the dispatcher that what the handler returns is not the answer; somebody will answer later.
    public void later() {
        later = true;
    }

    boolean isLater() {
        return later;
    }

    /// Answers.
    ///
    /// @param payload what the method's codec can write
    public void succeed(@Nullable Object payload) {
        if (isAnswered()) {
            return;
        }
        byte[] frame;
        try {
            frame = FrameWriter.success(id, codec().encode(payload, maxPayload()));
        } catch (TooLargeException e) {
            frame = FrameWriter.failure(id, unavailable("the result of " + name() + " is larger than a frame may be"));
        } catch (Throwable e) {
            frame = FrameWriter.failure(id, unavailable("response serialization failed"));
            LOG.log(Level.WARNING, "the result of " + name() + " has no JSON form", e);
        }
        if (answered.compareAndSet(false, true)) {
            line.respond(frame);
        }
    }

    boolean isAnswered() {
        return answered.get();
    }

    /// Leaves room for the frame around it.
    private int maxPayload() {
        return maxResponse - 1024;
    }

    /// Answers that it failed.
    public void fail(Failure failure) {
        if (answered.compareAndSet(false, true)) {
            line.respond(FrameWriter.failure(id, failure));
        }
    }

    /// Answers that it failed, with a payload besides.
    public void fail(Failure failure, Object payload) {
        if (answered.compareAndSet(false, true)) {
            line.respond(FrameWriter.failure(codec().encode(id), failure,
                    codec().encode(payload)));
        }
    }

    /// Answers with what a handler threw; what is none of the client's business goes to the log.
    public void fail(Throwable thrown) {
        if (thrown instanceof RpcException e && told(e)) {
            return;
        }
        if (thrown instanceof StoreException e) {
            LOG.log(Level.ERROR, "method " + name() + " failed: " + e.getMessage());
            fail(Failure.retryable(name() + " failed and changed nothing: " + e.getMessage(), 1000));
            return;
        }
        fail(unavailable(name() + " failed; the gateway's log says why"));
        LOG.log(Level.ERROR, "method " + name() + " of '" + entry.owner().id() + "' failed", thrown);
    }

    /// A plugin may have made it of anything.
    private boolean told(RpcException e) {
        try {
            Failure failure = new Failure(e.code(), e.message(),
                    e.details().map(details -> codec().encode(details, maxPayload() / 2)).orElse(null),
                    e.retryAfter().map(Duration::toMillis).orElse(null));
            if (e.message().length() > MAX_MESSAGE || e.code().name().length() > MAX_MESSAGE) {
                return false;
            }
            fail(failure);
            return true;
        } catch (RuntimeException odd) {
            return false;
        }
    }

    /// Notes which thread to interrupt at the deadline.
    void runsOn(@Nullable Thread current) {
        thread = current;
    }

    void expire() {
        fail(Failure.retryable(name() + " took longer than " + entry.method().timeLimit().toMillis() + " ms", 1000));
        Thread current = thread;
        if (current != null) {
            LOG.log(Level.WARNING, "method " + name() + " of '" + entry.owner().id() + "' exceeded its time");
            current.interrupt();
        }
    }

    private String name() {
        return entry.method().name();
    }

    private JsonCodec codec() {
        return entry.codec();
    }

    private static Failure unavailable(String message) {
        return Failure.of(ErrorCode.UNAVAILABLE, message);
    }
}
