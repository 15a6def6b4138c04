package dev.chela.runtime.transport;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// The room in which all clients together assemble messages that are not finished yet. When it is full, whoever holds
/// most has to go.
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
        holders.compute(who, (_, before) -> {
            long now = (before == null ? 0 : before) + bytes;
            return now <= 0 ? null : now;
        });
        if (held.addAndGet(bytes) <= limit || bytes <= 0) {
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
}
