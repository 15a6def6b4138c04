package dev.chela.runtime.transport;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// The room for what all clients together have sent and is not worked off yet: messages that are not finished, and large
/// ones that wait. When it is full, whoever holds most has to go.
final class Assembly {

    private final long limit;
    private final AtomicLong held = new AtomicLong();
    private final Map<SocketWire, Long> holders = new ConcurrentHashMap<>();

    Assembly(long limit) {
        this.limit = limit;
    }

    /// Notes that somebody holds more or less than before.
    ///
    /// @return false if they have to go themselves
    boolean reserve(SocketWire who, long bytes) {
        if (bytes == 0) {
            return true;
        }
        if (bytes < 0) {
            if (holders.computeIfPresent(who, (_, before) -> before + bytes) != null) {
                held.addAndGet(bytes);
            }
            return true;
        }
        holders.merge(who, bytes, Long::sum);
        if (held.addAndGet(bytes) <= limit) {
            return true;
        }
        Optional<SocketWire> largest = holders.entrySet().stream().max(Comparator.comparingLong(Map.Entry::getValue))
                .map(Map.Entry::getKey);
        if (largest.isEmpty() || largest.get() == who) {
            return false;
        }
        largest.get().makeRoom();
        return true;
    }

    /// Takes back all that somebody held; what they still give back later does not count.
    void forget(SocketWire who) {
        Long all = holders.remove(who);
        if (all != null) {
            held.addAndGet(-all);
        }
    }
}
