package dev.chela.runtime.event;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/// A client whose news end with its connection.
public final class Listener implements Subscriber {

    private final String id;
    private final Outlet outlet;
    private final Interests interests;
    private @Nullable List<News> held;

    /// Nobody yet, but it may follow things already.
    ///
    /// @param id the connection's
    public Listener(String id, Outlet outlet) {
        this.id = id;
        this.outlet = outlet;
        this.interests = new Interests(id);
    }

    /// Lets a client hear news from now on, but holds them back until [#release]: hello is first, and nothing that is
    /// newer than its snapshot is lost.
    public synchronized void hold(Interests.Viewer viewer) {
        held = new ArrayList<>();
        interests.belongTo(viewer);
    }

    /// Lets the news go.
    public synchronized void release() {
        List<News> early = held == null ? List.of() : held;
        held = null;
        early.forEach(this::offer);
    }

    @Override
    public void deliver(News news) {
        synchronized (this) {
            if (held != null) {
                held.add(news);
                return;
            }
        }
        offer(news);
    }

    private void offer(News news) {
        outlet.offered(outlet.offer(news, 0));
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean wants(News news) {
        return interests.wants(news);
    }

    @Override
    public boolean subscribe(News.Topic topic) {
        return interests.subscribe(topic);
    }

    @Override
    public boolean follows(News.Topic topic) {
        return interests.follows(topic);
    }

    @Override
    public void unsubscribe(News.Topic topic) {
        interests.unsubscribe(topic);
    }
}
