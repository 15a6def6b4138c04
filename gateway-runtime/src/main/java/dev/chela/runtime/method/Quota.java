package dev.chela.runtime.method;

import java.util.HashMap;
import java.util.Map;

/// How many things of a kind connections may keep going after their calls have returned, each and all together. Safe for
/// all threads.
///
/// The dispatcher counts a call only until its handler returns; what goes on behind it is counted here.
final class Quota {

    private final int each;
    private final int inAll;
    private final String things;
    private final Map<String, Integer> counts = new HashMap<>();
    private int count;

    /// @param each how many one connection may have
    /// @param inAll how many all connections together may have
    /// @param things what they are, such as `waits`
    Quota(int each, int inAll, String things) {
        this.each = each;
        this.inAll = inAll;
        this.things = things;
    }

    /// Counts one more.
    ///
    /// @throws dev.chela.api.rpc.RpcException if there are too many; then nothing was counted
    synchronized void take(String connection) {
        int own = counts.getOrDefault(connection, 0);
        if (own >= each) {
            throw ChatMethods.full("this connection has " + each + " " + things + " already");
        } else if (count >= inAll) {
            throw ChatMethods.full("all connections together have " + inAll + " " + things + " already");
        }
        counts.put(connection, own + 1);
        count++;
    }

    /// Counts one less.
    synchronized void giveBack(String connection) {
        counts.computeIfPresent(connection, (_, own) -> own == 1 ? null : own - 1);
        count--;
    }
}
