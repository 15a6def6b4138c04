package dev.chela.runtime.event;

import java.util.concurrent.atomic.AtomicInteger;

import dev.chela.api.event.Audience;
import dev.chela.api.event.EventType;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.protocol.Dialect;
import dev.chela.runtime.protocol.FrameWriter;

import org.jspecify.annotations.Nullable;

/// One event on its way, encoded once for all who get it.
public final class News {

    private final String name;
    private final Audience audience;
    private final boolean droppable;
    private final byte[] body;
    private final @Nullable Topic topic;
    private final @Nullable String session;
    private final @Nullable Reach reach;
    private final AtomicInteger holders = new AtomicInteger();
    private final AtomicInteger rings = new AtomicInteger();

    /// What a connection must have subscribed to.
    ///
    /// @param kind the method family that subscribes, such as `sessions`
    /// @param key a session key; empty for all
    public record Topic(String kind, String key) {}

    /// Which of those who may see news get it.
    public sealed interface Reach {

        /// Clients that speak one protocol.
        record Speaking(Dialect dialect) implements Reach {}

        /// Clients that claimed a capability and either asked for the run or follow its session.
        ///
        /// @param asker the subscriber that asked; empty if it is not known
        record Concerned(String cap, String asker) implements Reach {}
    }

    private News(EventType<?> type, byte[] body, @Nullable Topic topic, @Nullable String session,
            @Nullable Reach reach) {
        this.name = type.name();
        this.audience = type.audience();
        this.droppable = type.droppable();
        this.body = body;
        this.topic = topic;
        this.session = session;
        this.reach = reach;
    }

    /// News for everybody in the audience.
    static News of(EventType<?> type, JsonText payload, @Nullable JsonText stateVersion) {
        return new News(type, FrameWriter.event(type.name(), payload, stateVersion), null, null, null);
    }

    /// News for those of the audience who subscribed.
    static News about(EventType<?> type, JsonText payload, Topic topic) {
        return new News(type, FrameWriter.event(type.name(), payload, null), topic, null, null);
    }

    /// News from inside a session.
    static News within(EventType<?> type, JsonText payload, String session, @Nullable Reach reach) {
        return new News(type, FrameWriter.event(type.name(), payload, null), null, session, reach);
    }

    /// The event's name.
    public String name() {
        return name;
    }

    /// Who may see it at all.
    public Audience audience() {
        return audience;
    }

    /// Whether a slow connection may miss it.
    public boolean droppable() {
        return droppable;
    }

    /// The frame without its end; shared, not to be changed.
    public byte[] body() {
        return body;
    }

    /// What a connection must have subscribed to; null if nothing.
    public @Nullable Topic topic() {
        return topic;
    }

    /// The session it comes from; null if from none. Connections that asked for it get it only for sessions they follow.
    public @Nullable String session() {
        return session;
    }

    /// Which of those who may see it get it; null if all do.
    public @Nullable Reach reach() {
        return reach;
    }

    /// Notes one more outbox that holds it.
    ///
    /// @return whether it is the first
    public boolean hold() {
        return holders.getAndIncrement() == 0;
    }

    /// Notes one outbox less that holds it.
    ///
    /// @return whether it was the last
    public boolean release() {
        return holders.decrementAndGet() == 0;
    }

    /// Notes one more ring that keeps it.
    ///
    /// @return whether it is the first
    boolean keep() {
        return rings.getAndIncrement() == 0;
    }

    /// Notes one ring less that keeps it.
    ///
    /// @return whether it was the last
    boolean letGo() {
        return rings.decrementAndGet() == 0;
    }
}
