package dev.chela.runtime.channel;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// How an account stands. Changed under the lock of its [AccountRun]; others get copies. Times are ms, 0 for never.
final class Standing {

    boolean running;
    boolean givenUp;
    int failures;
    @Nullable
    Boolean connected;
    String detail = "";
    @Nullable
    String error;
    long startedAt;
    long stoppedAt;
    long connectedAt;
    long inboundAt;
    long outboundAt;
    long ignored;
    /// How many messages have not come back from being sent.
    int lostSends;
    boolean endedByItself;
    @Nullable
    String lastIgnored;

    Standing copy() {
        var copy = new Standing();
        copy.connected = connected;
        copy.detail = detail;
        copy.error = error;
        copy.startedAt = startedAt;
        copy.stoppedAt = stoppedAt;
        copy.connectedAt = connectedAt;
        copy.inboundAt = inboundAt;
        copy.outboundAt = outboundAt;
        copy.ignored = ignored;
        copy.endedByItself = endedByItself;
        copy.lastIgnored = lastIgnored;
        return copy;
    }

    /// The members clients know.
    Map<String, Object> show() {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("running", running);
        if (connected != null) {
            shown.put("connected", connected);
        }
        if (!detail.isEmpty()) {
            shown.put("detail", detail);
        }
        shown.put("reconnectAttempts", failures);
        shown.put("lastStartAt", time(startedAt));
        shown.put("lastStopAt", time(stoppedAt));
        shown.put("lastConnectedAt", time(connectedAt));
        shown.put("lastInboundAt", time(inboundAt));
        shown.put("lastOutboundAt", time(outboundAt));
        shown.put("lastError", error);
        shown.put("healthState", healthState());
        if (ignored > 0) {
            shown.put("ignoredMessages", ignored);
            shown.put("lastIgnored", lastIgnored);
        }
        if (lostSends > 0) {
            shown.put("lostSends", lostSends);
        }
        return shown;
    }

    /// Whether nothing is wrong with it; to be stopped by an operator is not wrong.
    boolean isWell() {
        boolean cutOff = running && Boolean.FALSE.equals(connected);
        return !givenUp && failures == 0 && !endedByItself && !cutOff && lostSends == 0;
    }

    private String healthState() {
        if (givenUp) {
            return "failed";
        } else if (running) {
            return Boolean.FALSE.equals(connected) ? "disconnected" : "healthy";
        }
        return failures > 0 ? "restarting" : "stopped";
    }

    private static @Nullable Long time(long ms) {
        return ms == 0 ? null : ms;
    }
}
