package dev.chela.runtime.connection;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

import dev.chela.runtime.event.News;
import dev.chela.runtime.event.Offer;
import dev.chela.runtime.protocol.FrameWriter;
import dev.chela.runtime.websocket.Frames;

import org.jspecify.annotations.Nullable;

/// What waits to be sent on one connection, in order, with every byte counted.
///
/// Anybody offers; one writer at a time takes. Every event gets its number when it is offered, also one that is left out:
/// clients read their state anew when they see a gap.
public final class Outbox {

    /// What a frame costs besides its payload.
    private static final int FRAME_COST = 64;
    private static final long NO_OFFSET = 0;

    private final int limit;
    private final OutboxBudget budget;
    private final Deque<Item> waiting = new ArrayDeque<>();
    private final Deque<Chunk> opened = new ArrayDeque<>();
    private int written;
    private long bytes;
    private long seq;
    private long sent;
    private boolean pinging;
    private byte @Nullable [] pong;
    private boolean closed;

    /// Something to send.
    private sealed interface Item {

        record Response(byte[] body) implements Item {}

        record Event(News news, long seq, long offset) implements Item {}

        record Control(byte[] frame) implements Item {}

        record Ping(byte[] frame) implements Item {}

        default long cost() {
            return FRAME_COST + (long) switch (this) {
                case Response(byte[] body) -> body.length;
                case Event(News news, long _, long _) -> news.body().length;
                case Control(byte[] frame) -> frame.length;
                case Ping(byte[] frame) -> frame.length;
            };
        }
    }

    /// Bytes on their way; the last chunk of an item names it.
    private record Chunk(byte[] data, @Nullable Item end) {}

    /// An empty outbox.
    ///
    /// @param limit what may wait in events, bytes
    public Outbox(int limit, OutboxBudget budget) {
        this.limit = limit;
        this.budget = budget;
    }

    /// Adds a response; there is always room, but see [#isCongested].
    public synchronized void respond(byte[] frame) {
        if (!closed) {
            add(new Item.Response(frame));
        }
    }

    /// Adds an event.
    public Offer offer(News news) {
        return offer(news, NO_OFFSET);
    }

    /// Adds an event of a resumable stream.
    ///
    /// @param offset its number there, if it is taken
    public synchronized Offer offer(News news, long offset) {
        if (closed) {
            return Offer.CLOSED;
        }
        long number = ++seq;
        long after = bytes + news.body().length + FRAME_COST;
        boolean mayDrop = news.droppable() || news.body().length > limit / 2; // too large for a peer that reads as well
        if (mayDrop && after > limit / 2) {
            return Offer.DROPPED;
        } else if (after > limit) {
            return Offer.OVERFLOW;
        }
        add(new Item.Event(news, number, offset));
        return Offer.QUEUED;
    }

    /// Adds an event that was missed; like a response it has room in any case.
    public synchronized void replay(News news, long offset) {
        if (!closed) {
            add(new Item.Event(news, ++seq, offset));
        }
    }

    /// Adds a ping behind everything else.
    public synchronized void ping() {
        if (!closed) {
            pinging = true;
            add(new Item.Ping(Frames.control(Frames.PING, new byte[0])));
        }
    }

    /// Whether the last ping has not left yet.
    public synchronized boolean isPinging() {
        return pinging;
    }

    /// How many bytes have left so far.
    public synchronized long sent() {
        return sent;
    }

    /// Answers a ping before everything else; a pong that still waits is replaced (RFC 6455 section 5.5.3).
    public synchronized void pong(byte[] payload) {
        if (!closed) {
            pong = Frames.control(Frames.PONG, payload);
        }
    }

    /// Takes a last frame and nothing after it.
    public synchronized void end(byte[] lastFrame) {
        if (!closed) {
            add(new Item.Control(lastFrame));
            pong = null; // nothing may follow a close frame (RFC 6455 section 5.5.1)
            closed = true;
        }
    }

    /// Throws away what has not begun to be written and takes a last frame: nothing may slip in between and look as if
    /// nothing was missing before it.
    public synchronized void cutShort(byte[] lastFrame) {
        if (!closed) {
            dropWaiting();
            end(lastFrame);
        }
    }

    private void dropWaiting() {
        waiting.forEach(this::forget);
        waiting.clear();
    }

    /// Gives everything back; the socket is gone.
    public synchronized void discard() {
        closed = true;
        dropWaiting();
        opened.stream().map(Chunk::end).filter(item -> item != null).forEach(this::forget);
        opened.clear();
        pong = null;
    }

    /// Whether more waits than the peer should be given.
    public synchronized boolean isCongested() {
        return bytes > limit;
    }

    /// How much waits, in bytes.
    public synchronized long bytes() {
        return bytes;
    }

    /// Whether nothing waits.
    public synchronized boolean isEmpty() {
        return waiting.isEmpty() && opened.isEmpty() && pong == null;
    }

    /// Copies what comes next, as much as fits; it stays until [#written]. For the one writer.
    public synchronized void fill(ByteBuffer into) {
        open(into.remaining());
        int skip = written;
        for (Chunk chunk : opened) {
            int n = Math.min(chunk.data().length - skip, into.remaining());
            into.put(chunk.data(), skip, n);
            skip = 0;
            if (!into.hasRemaining()) {
                return;
            }
        }
    }

    /// Notes that so many of the filled bytes have left. For the one writer.
    public synchronized void written(int count) {
        sent += count;
        int left = count;
        while (left > 0 && !opened.isEmpty()) {
            Chunk chunk = opened.getFirst();
            int n = Math.min(left, chunk.data().length - written);
            left -= n;
            written += n;
            if (written == chunk.data().length) {
                opened.removeFirst();
                written = 0;
                if (chunk.end() != null) {
                    forget(chunk.end());
                }
            }
        }
    }

    private void add(Item item) {
        waiting.add(item);
        bytes += item.cost();
        if (!(item instanceof Item.Event(News news, long _, long _)) || news.hold()) {
            budget.add(item.cost());
        }
    }

    private void forget(Item item) {
        bytes -= item.cost();
        pinging = pinging && !(item instanceof Item.Ping);
        if (!(item instanceof Item.Event(News news, long _, long _)) || news.release()) {
            budget.remove(item.cost());
        }
    }

    private void open(int wanted) {
        int ready = -written;
        for (Chunk chunk : opened) {
            ready += chunk.data().length;
        }
        if (pong != null && (opened.isEmpty() || opened.getLast().end() != null)) {
            ready += pong.length;
            opened.addLast(new Chunk(pong, null));
            pong = null;
        }
        while (ready < wanted && !waiting.isEmpty()) {
            ready += open(waiting.removeFirst());
        }
    }

    private int open(Item item) {
        return switch (item) {
            case Item.Response(byte[] body) -> frame(item, body, null);
            case Item.Event(News news, long number, long offset) -> frame(item, news.body(),
                    FrameWriter.end(number, offset));
            case Item.Control(byte[] frame) -> whole(item, frame);
            case Item.Ping(byte[] frame) -> whole(item, frame);
        };
    }

    private int whole(Item item, byte[] frame) {
        opened.addLast(new Chunk(frame, item));
        return frame.length;
    }

    private int frame(Item item, byte[] body, byte @Nullable [] tail) {
        int length = body.length + (tail == null ? 0 : tail.length);
        byte[] header = Frames.header(Frames.TEXT, length);
        opened.addLast(new Chunk(header, null));
        opened.addLast(new Chunk(body, tail == null ? item : null));
        if (tail != null) {
            opened.addLast(new Chunk(tail, item));
        }
        return header.length + length;
    }
}
