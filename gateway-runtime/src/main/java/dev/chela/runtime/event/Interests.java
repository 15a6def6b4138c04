package dev.chela.runtime.event;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.chela.api.event.Audience;
import dev.chela.api.rpc.Caller;
import dev.chela.api.rpc.Role;

import org.jspecify.annotations.Nullable;

/// What one client may see, and what of it it wants. Safe for all threads.
public final class Interests {

    private static final int MAX_SUBSCRIPTIONS = 1000;
    /// What a subscription costs besides its key, bytes.
    private static final int SUBSCRIPTION_COST = 128;

    private final Set<News.Topic> topics = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Viewer viewer;

    /// Who looks.
    ///
    /// @param scoped whether it wants what happens in a session only if it follows that session
    public record Viewer(Caller caller, boolean scoped) {

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
        return news.session() == null || !current.scoped()
                || topics.contains(new News.Topic("messages", news.session()));
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
