package dev.chela.runtime.event;

import java.util.List;
import java.util.stream.Stream;

import dev.chela.api.event.Audience;
import dev.chela.api.event.EventType;
import dev.chela.api.json.Json;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.json.JsonText;

/// The news every gateway has. A name that stands neither here nor with a plugin is delivered to nobody.
public final class CoreEvents {

    /// The gateway lives.
    public static final EventType<JsonText> TICK = EventType.of("tick", JsonText.class, Audience.everyone());

    /// Who is connected.
    public static final EventType<JsonText> PRESENCE = EventType
            .of("presence", JsonText.class, Audience.holders(Scope.READ)).mayDrop();

    /// How the gateway is.
    public static final EventType<JsonText> HEALTH = EventType.of("health", JsonText.class, Audience.everyone());

    /// The gateway is about to close every connection.
    public static final EventType<JsonText> SHUTDOWN = EventType.of("shutdown", JsonText.class, Audience.everyone());

    /// A run's progress.
    public static final EventType<JsonText> AGENT = EventType.of("agent", JsonText.class,
            Audience.holders(Scope.READ));

    /// A run's growing answer; the whole text is in each, so one may be missed.
    public static final EventType<JsonText> AGENT_DELTA = AGENT.mayDrop();

    /// A run as a chat shows it.
    public static final EventType<JsonText> CHAT = EventType.of("chat", JsonText.class, Audience.holders(Scope.READ));

    /// A run's growing answer as a chat shows it; the whole text is in each, so one may be missed.
    public static final EventType<JsonText> CHAT_DELTA = CHAT.mayDrop();

    /// A session's row changed.
    public static final EventType<JsonText> SESSIONS_CHANGED = EventType
            .of("sessions.changed", JsonText.class, Audience.holders(Scope.SESSIONS_READ)).mayDrop();

    /// A message was added to a session.
    public static final EventType<JsonText> SESSION_MESSAGE = EventType.of("session.message", JsonText.class,
            Audience.holders(Scope.SESSIONS_READ));

    /// A messaging service has taken a message.
    public static final EventType<JsonText> DELIVERY_SENT = EventType.of("delivery.sent", JsonText.class,
            Audience.holders(Scope.READ));

    /// A message could not be sent and is tried again.
    public static final EventType<JsonText> DELIVERY_RETRYING = EventType
            .of("delivery.retrying", JsonText.class, Audience.holders(Scope.READ)).mayDrop();

    /// A message was given up.
    public static final EventType<JsonText> DELIVERY_FAILED = EventType.of("delivery.failed", JsonText.class,
            Audience.holders(Scope.READ));

    /// Voice mode was switched.
    public static final EventType<Json> TALK_MODE = EventType.of("talk.mode", Json.class,
            Audience.holders(Scope.TALK));

    private CoreEvents() {}

    /// The names, as advertised.
    public static List<String> names() {
        return Stream.concat(Stream.of("connect.challenge"), Stream
                .of(TICK, PRESENCE, HEALTH, SHUTDOWN, AGENT, CHAT, SESSIONS_CHANGED, SESSION_MESSAGE, DELIVERY_SENT,
                        DELIVERY_RETRYING, DELIVERY_FAILED, TALK_MODE)
                .map(EventType::name)).toList();
    }
}
