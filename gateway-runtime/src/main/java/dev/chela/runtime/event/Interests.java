package dev.chela.runtime.event;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.chela.api.event.Audience;
import dev.chela.api.rpc.Caller;
import dev.chela.api.rpc.Role;
import dev.chela.runtime.protocol.Dialect;

import org.jspecify.annotations.Nullable;

/// What one client may see, and what of it it wants. Safe for all threads.
public final class Interests {

    private static final int MAX_SUBSCRIPTIONS = 1000;
    /// What a subscription costs besides its key, bytes.
    private static final int SUBSCRIPTION_COST = 128;

    private final String id;
    private final Set<News.Topic> topics = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Viewer viewer;

    /// Nobody's yet.
    ///
    /// @param id the subscriber's
    Interests(String id) {
        this.id = id;
    }

    /// Who looks.
    ///
    /// @param caps the capabilities the client claimed
    public record Viewer(Caller caller, Dialect dialect, Set<String> caps) {

        private static final String SCOPED = "session-scoped-events";

        /// Whether it wants what happens in a session only if it follows that session.
        boolean scoped() {
            return caps.contains(SCOPED);
        }

        /// Whether that is for its eyes at all.
        public boolean maySee(Audience audience) {
            return switch (audience) {
                case Audience.Everyone _ -> true;
                case Audience.Holders(var scope) -> caller.role().equals(Role.OPERATOR) && caller.holds(scope);
            };
        }
    }

    /// Sets who looks; before that nobody does.
    public void belongTo(Viewer newViewer) {
        viewer = newViewer;
    }

    /// Whether the client may see the news and wants it.
    public boolean wants(News news) {
        Viewer current = viewer;
        if (current == null || !current.maySee(news.audience())) {
            return false;
        } else if (news.topic() != null) {
            return topics.contains(news.topic());
        }
        return isReached(current, news) && (!current.scoped() || followsSession(news));
    }

    private boolean isReached(Viewer current, News news) {
        return switch (news.reach()) {
            case null -> true;
            case News.Reach.Speaking(var dialect) -> current.dialect() == dialect;
            case News.Reach.Concerned(String cap, String asker) -> current.caps().contains(cap)
                    && (asker.equals(id) || followsSession(news));
        };
    }

    private boolean followsSession(News news) {
        return news.session() == null || topics.contains(new News.Topic("messages", news.session()));
    }

    /// Adds a subscription.
    ///
    /// @return false if there are too many
    public boolean subscribe(News.Topic topic) {
        return topics.contains(topic) || (topics.size() < MAX_SUBSCRIPTIONS && topics.add(topic));
    }

    /// Whether there is such a subscription.
    public boolean follows(News.Topic topic) {
        return topics.contains(topic);
    }

    /// Removes a subscription.
    public void unsubscribe(News.Topic topic) {
        topics.remove(topic);
    }

    /// About how much memory the subscriptions take, bytes.
    long cost() {
        return topics.stream().mapToLong(topic -> SUBSCRIPTION_COST + topic.key().length()).sum();
    }
}
