package dev.chela.runtime.event;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.chela.api.event.EventType;
import dev.chela.runtime.json.JsonText;

/// Sends news to every subscriber who may see it. Safe for all threads; never waits for a client.
///
/// News of one thread reaches each subscriber in order.
public final class Broadcaster {

    private final Map<String, Subscriber> subscribers = new ConcurrentHashMap<>();

    /// Adds somebody; what is published from now on reaches them.
    public void add(Subscriber subscriber) {
        subscribers.put(subscriber.id(), subscriber);
    }

    /// Removes somebody.
    public void remove(Subscriber subscriber) {
        subscribers.remove(subscriber.id(), subscriber);
    }

    /// Tells everybody in the audience.
    public void publish(EventType<?> type, JsonText payload) {
        send(News.of(type, payload, null));
    }

    /// Tells everybody in the audience about a numbered state.
    public void publish(EventType<?> type, JsonText payload, JsonText stateVersion) {
        send(News.of(type, payload, stateVersion));
    }

    /// Tells those of the audience who subscribed to a topic.
    public void publish(EventType<?> type, JsonText payload, News.Topic topic) {
        send(News.about(type, payload, topic));
    }

    /// Tells everybody in the audience about something inside a session.
    public void publishWithin(String session, EventType<?> type, JsonText payload) {
        send(News.within(type, payload, session, null));
    }

    /// Tells some of the audience about something inside a session.
    public void publishWithin(String session, EventType<?> type, JsonText payload, News.Reach reach) {
        send(News.within(type, payload, session, reach));
    }

    private void send(News news) {
        for (Subscriber subscriber : subscribers.values()) {
            if (subscriber.wants(news)) {
                subscriber.deliver(news);
            }
        }
    }

    /// Whether anybody subscribed to a topic; saves the work of telling nobody.
    public boolean isFollowed(News.Topic topic) {
        return subscribers.values().stream().anyMatch(subscriber -> subscriber.follows(topic));
    }
}
