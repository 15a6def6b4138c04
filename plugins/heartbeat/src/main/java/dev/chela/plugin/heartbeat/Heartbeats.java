package dev.chela.plugin.heartbeat;

import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import dev.chela.api.PluginContext;
import dev.chela.api.session.SessionKey;
import dev.chela.api.session.Sessions.Outcome;

import org.jspecify.annotations.Nullable;

/// Runs heartbeats. At most one per session waits; wakes that come meanwhile are one with it, for it sees their notes.
final class Heartbeats implements AutoCloseable {

    private static final String PROMPT = "This is a heartbeat. Look at the notes above. If nothing needs attention, answer "
            + Reply.NOTHING + ".";
    private static final long RETRY_MS = 1000;

    private final PluginContext context;
    private final ExecutorService runner = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("heartbeat")
            .factory());
    private final Set<SessionKey> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean enabled = true;
    private volatile @Nullable Heartbeat last;

    Heartbeats(PluginContext context) {
        this.context = context;
    }

    @Nullable
    Heartbeat last() {
        return last;
    }

    void enable(boolean on) {
        enabled = on;
    }

    /// Leaves a note for a session; if now, lets its agent look at once.
    ///
    /// @throws IllegalArgumentException if notes wait for too many sessions
    void wake(SessionKey session, String text, boolean now) {
        context.sessions().note(session, text);
        if (now && waiting.add(session)) {
            runner.execute(() -> run(session));
        }
    }

    private void run(SessionKey session) {
        long begun = context.clock().millis();
        try {
            awaitQuiet(session);
            waiting.remove(session);
            begun = context.clock().millis();
            tell(enabled ? beat(session, begun) : Heartbeat.skipped(begun, "disabled"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            waiting.remove(session);
            context.log().log(Level.WARNING, "a heartbeat of " + session + " failed", e);
            tell(failed(begun, "the gateway's log says why"));
        }
    }

    /// A session that is talking is left alone; its heartbeat comes when it is done.
    private void awaitQuiet(SessionKey session) throws InterruptedException {
        if (enabled && context.sessions().active(session) > 0) {
            tell(Heartbeat.skipped(context.clock().millis(), "requests-in-flight"));
        }
        while (enabled && context.sessions().active(session) > 0) {
            TimeUnit.MILLISECONDS.sleep(RETRY_MS);
        }
    }

    private Heartbeat beat(SessionKey session, long begun) throws InterruptedException {
        Outcome outcome = context.sessions().ask(session, PROMPT, "heartbeat");
        if (outcome instanceof Outcome.Answered answered) {
            return answered(new Reply(answered.text()), begun);
        }
        return failed(begun, outcome instanceof Outcome.Failed failed ? failed.message() : "aborted");
    }

    /// What an agent says has nowhere to go as long as there is no channel.
    private Heartbeat answered(Reply reply, long begun) {
        long took = context.clock().millis() - begun;
        if (reply.isEmpty()) {
            return new Heartbeat(begun, "ok-empty", null, null, took, false);
        } else if (reply.saysNothing()) {
            return new Heartbeat(begun, "ok-token", null, null, took, false);
        }
        return new Heartbeat(begun, "skipped", "no-target", reply.preview(), took, false);
    }

    private Heartbeat failed(long begun, String reason) {
        return new Heartbeat(begun, "failed", reason, null, context.clock().millis() - begun, null);
    }

    private void tell(Heartbeat heartbeat) {
        last = heartbeat;
        context.events().publish(HeartbeatPlugin.EVENT, heartbeat);
    }

    @Override
    public void close() {
        runner.shutdownNow();
    }
}
