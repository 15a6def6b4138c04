package dev.chela.runtime.transport;

import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// How many sockets each address has that have not said hello: a stranger may hold a few, and takes nothing from other
/// addresses or from those who are in.
final class Strangers {

    private final int limit;
    private final Map<InetAddress, Integer> sockets = new ConcurrentHashMap<>();

    Strangers(int limit) {
        this.limit = limit;
    }

    boolean mayCome(InetAddress address) {
        return sockets.getOrDefault(address, 0) < limit;
    }

    void came(InetAddress address) {
        sockets.merge(address, 1, Integer::sum);
    }

    /// Once for every socket that came: when it says hello, or ends without.
    void left(InetAddress address) {
        sockets.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
    }
}
