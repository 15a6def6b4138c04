package dev.chela.runtime.delivery;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

import dev.chela.api.session.SessionKey;

/// Lets what arrives in one session in one by one, in the order of arrival; sessions know nothing of each other. A lane exists
/// only while somebody is in it. Safe for all threads.
final class ArrivalLanes {

    private final ConcurrentMap<SessionKey, Lane> lanes = new ConcurrentHashMap<>();

    /// The place in front; closing it lets the next one in. For the thread that entered.
    final class Lane implements AutoCloseable {

        private final SessionKey session;
        private final ReentrantLock lock = new ReentrantLock(true);
        /// How many are in it or wait; changed under the map's lock only.
        private int visitors;

        private Lane(SessionKey session) {
            this.session = session;
        }

        private Lane joined() {
            visitors++;
            return this;
        }

        @Override
        public void close() {
            lock.unlock();
            lanes.computeIfPresent(session, (_, lane) -> --lane.visitors == 0 ? null : lane);
        }
    }

    /// Waits until it is one's turn.
    Lane enter(SessionKey session) {
        Lane lane = lanes.compute(session, (key, known) -> (known == null ? new Lane(key) : known).joined());
        lane.lock.lock();
        return lane;
    }

    boolean isEmpty() {
        return lanes.isEmpty();
    }
}
