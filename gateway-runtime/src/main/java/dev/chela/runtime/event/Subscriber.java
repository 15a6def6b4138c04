package dev.chela.runtime.event;

/// Somebody who may get news. Safe for all threads.
public interface Subscriber {

    /// The connection's id.
    String id();

    /// Whether it may see the news and wants it.
    boolean wants(News news);

    /// Takes the news; never blocks.
    void deliver(News news);

    /// Adds a subscription.
    ///
    /// @return false if it has too many
    boolean subscribe(News.Topic topic);

    /// Whether it has a subscription.
    boolean follows(News.Topic topic);

    /// Removes a subscription.
    void unsubscribe(News.Topic topic);
}
