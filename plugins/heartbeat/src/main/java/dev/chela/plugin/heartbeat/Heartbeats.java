package dev.chela.plugin.heartbeat;

import java.lang.System.Logger.Level;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.chela.api.PluginContext;
import dev.chela.api.session.SessionKey;
import dev.chela.api.session.Sessions.Outcome;

import org.jspecify.annotations.Nullable;

/// Runs heartbeats one at a time; wakes that come while one waits are one with it.
final class Heartbeats implements AutoCloseable {

    /// An agent that has nothing to say answers this.
    static final String NOTHING = "HEARTBEAT_OK";

    private static final String PROMPT = "This is a heartbeat. Look at the notes above. If nothing needs attention, answer "
            + NOTHING + ".";
    private static final int PREVIEW = 200;

    private final PluginContext context;
    private final ExecutorService runner = Executors.newSingleThreadExecutor(Thread.ofVirtual().name("heartbeat")
            .factory());
    private final AtomicBoolean due = new AtomicBoolean();
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
    void wake(SessionKey session, String text, boolean now) {
        context.sessions().note(session, text);
        if (now && due.compareAndSet(false, true)) {
            runner.execute(() -> run(session));
        }
    }

    private void run(SessionKey session) {
        due.set(false);
        long begun = context.clock().millis();
        Heartbeat result;
        try {
            result = enabled ? beat(session, begun) : Heartbeat.skipped(begun, "disabled");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (RuntimeException e) {
            context.log().log(Level.WARNING, "a heartbeat failed", e);
            result = new Heartbeat(begun, "failed", String.valueOf(e.getMessage()), null, since(begun), null);
        }
        last = result;
        context.events().publish(HeartbeatPlugin.EVENT, result);
    }

    private Heartbeat beat(SessionKey session, long begun) throws InterruptedException {
        if (context.sessions().active(session) > 0) {
            return Heartbeat.skipped(begun, "requests-in-flight");
        }
        Outcome outcome = context.sessions().ask(session, PROMPT, "heartbeat");
        if (outcome instanceof Outcome.Answered answered) {
            return answered(answered.text().strip(), begun);
        }
        String reason = outcome instanceof Outcome.Failed failed ? failed.message() : "aborted";
        return new Heartbeat(begun, "failed", reason, null, since(begun), null);
    }

    /// What an agent says has nowhere to go as long as there is no channel.
    private Heartbeat answered(String text, long begun) {
        if (text.isEmpty()) {
            return new Heartbeat(begun, "ok-empty", null, null, since(begun), false);
        } else if (text.startsWith(NOTHING) || text.endsWith(NOTHING)) {
            return new Heartbeat(begun, "ok-token", null, null, since(begun), false);
        }
        String preview = text.length() > PREVIEW ? text.substring(0, PREVIEW) + "…" : text;
        return new Heartbeat(begun, "skipped", "no-target", preview, since(begun), false);
    }

    private long since(long begun) {
        return context.clock().millis() - begun;
    }

    @Override
    public void close() {
        runner.shutdownNow();
    }
}
