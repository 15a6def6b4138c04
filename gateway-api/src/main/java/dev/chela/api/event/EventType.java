package dev.chela.api.event;

/// A kind of news: its name on the wire, the form of its payload and who may see it.
///
/// @param <P> the payload: a record, or [dev.chela.api.json.Json]
/// @param name such as `plugin.hello.greeted`; registered once in the whole gateway
/// @param payload the class of the payload
/// @param audience who may see it
/// @param droppable whether a connection that reads too slowly may miss one; if not, such a connection is closed
public record EventType<P>(String name, Class<P> payload, Audience audience, boolean droppable) {

    /// A kind of news that no connection may miss.
    public static <P> EventType<P> of(String name, Class<P> payload, Audience audience) {
        return new EventType<>(name, payload, audience, false);
    }

    /// The same, but only the state matters: a slow connection may miss some.
    public EventType<P> mayDrop() {
        return new EventType<>(name, payload, audience, true);
    }
}
