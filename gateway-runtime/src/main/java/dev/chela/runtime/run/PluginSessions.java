package dev.chela.runtime.run;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import dev.chela.api.session.SessionKey;
import dev.chela.api.session.Sessions;
import dev.chela.runtime.session.Notes;
import dev.chela.runtime.session.SessionKeys;

/// The gateway's sessions as one plugin sees them.
public final class PluginSessions implements Sessions {

    private final String plugin;
    private final SessionKeys keys;
    private final Notes notes;
    private final Runs runs;

    /// Sessions for that plugin.
    public PluginSessions(String plugin, SessionKeys keys, Notes notes, Runs runs) {
        this.plugin = plugin;
        this.keys = keys;
        this.notes = notes;
        this.runs = runs;
    }

    @Override
    public SessionKey main() {
        return keys.main();
    }

    @Override
    public SessionKey canonical(String key) {
        return keys.canonical(key);
    }

    @Override
    public void note(SessionKey session, String text) {
        notes.add(session, text);
    }

    @Override
    public int active(SessionKey session) {
        return runs.of(session).size();
    }

    @Override
    public Outcome ask(SessionKey session, String message, String source) throws InterruptedException {
        var ask = new Ask(UUID.randomUUID().toString(), "plugin." + plugin, "plugin:" + plugin, session, message,
                new Ask.Options(null, null, source, null, null, QueueMode.FOLLOWUP, null));
        Acceptance acceptance = runs.accept(ask, _ -> {});
        if (!(acceptance instanceof Acceptance.Accepted(Run run, var _, var _))) {
            throw new IllegalStateException(acceptance instanceof Acceptance.Full(String why)
                    ? why
                    : "a new id was known already");
        }
        var ended = new CompletableFuture<RunEnd>();
        run.whenEnded(ended::complete);
        try {
            return outcome(ended.get());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            runs.abort(run, "interrupted");
            throw e;
        }
    }

    private static Outcome outcome(RunEnd end) {
        if (end.isAnswered()) {
            return new Outcome.Answered(end.text());
        }
        return end.isCut() ? new Outcome.Aborted(end.stopReason()) : new Outcome.Failed(String.valueOf(end.error()));
    }
}
