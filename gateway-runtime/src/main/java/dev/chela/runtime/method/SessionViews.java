package dev.chela.runtime.method;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.agent.Model;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.run.Agents;
import dev.chela.runtime.run.Run;
import dev.chela.runtime.run.Runs;
import dev.chela.runtime.session.Rows;
import dev.chela.runtime.session.SessionKeys;
import dev.chela.runtime.session.SessionSettings;
import dev.chela.runtime.session.Setting;
import dev.chela.runtime.store.SessionTable.SessionRow;
import dev.chela.runtime.store.Store;

import org.jspecify.annotations.Nullable;

/// Sessions as methods show them: what the store knows, with what is going on right now.
public final class SessionViews {

    private final Store store;
    private final Runs runs;
    private final Agents agents;
    private final SessionKeys keys;

    /// Views of these sessions.
    public SessionViews(Store store, Runs runs, Agents agents, SessionKeys keys) {
        this.store = store;
        this.runs = runs;
        this.agents = agents;
        this.keys = keys;
    }

    /// The canonical key of what a client sent.
    ///
    /// @param agent the agent the client named besides; null if it named none
    /// @throws RpcException if it is no key, its agent does not exist or is another than the one named
    SessionKey key(@Nullable String sent, @Nullable String agent) {
        try {
            if (sent == null || sent.isBlank()) {
                return agent == null ? keys.main() : keys.main(agent);
            } else if (agent == null) {
                return keys.canonical(sent);
            }
            String named = keys.main(agent).agent();
            SessionKey key = sent.regionMatches(true, 0, "agent:", 0, 6)
                    ? keys.canonical(sent)
                    : new SessionKey(named, sent);
            if (!key.agent().equals(named)) {
                throw RpcException.invalid("agent \"" + named + "\" does not match session key agent \"" + key.agent()
                        + "\"");
            }
            return key;
        } catch (IllegalArgumentException e) {
            throw RpcException.invalid(String.valueOf(e.getMessage()));
        }
    }

    /// The lane of a session: what touches it is done in order of arrival. A key that can't be understood is refused
    /// later, with the reason.
    String lane(@Nullable String sent, @Nullable String agent) {
        try {
            return "session " + key(sent, agent);
        } catch (RpcException e) {
            return "session";
        }
    }

    /// The row of a session, if it exists.
    public Optional<Map<String, Object>> row(SessionKey key) {
        return store.read(tx -> tx.sessions().find(key.toString())).map(this::show);
    }

    /// A row of the store as clients see it.
    Map<String, Object> show(SessionRow row) {
        var key = new SessionKey(row.agent(), row.key().substring(("agent:" + row.agent() + ":").length()));
        return Rows.session(row, now(key, SessionSettings.of(row.settings())));
    }

    private Rows.Now now(SessionKey key, SessionSettings settings) {
        Optional<Model> model = agents.modelOf(key.agent(), settings.get(Setting.MODEL));
        return new Rows.Now(runs.of(key).stream().map(Run::id).toList(), model.map(Model::provider).orElse(null),
                model.map(Model::id).orElse(null), model.map(Model::contextTokens).orElse(0));
    }

    private Optional<Model> model(String agent) {
        return agents.modelOf(agent);
    }

    /// The row of a session that need not exist yet: clients show it all the same.
    Map<String, Object> rowOrBlank(SessionKey key) {
        return row(key).orElseGet(() -> {
            Map<String, Object> blank = new LinkedHashMap<>();
            blank.put("key", key.toString());
            blank.put("kind", "direct");
            blank.put("agentId", key.agent());
            blank.put("isMain", key.rest().equals(SessionKeys.MAIN));
            blank.put("updatedAt", null);
            blank.put("hasActiveRun", false);
            blank.put("activeRunIds", List.of());
            model(key.agent()).ifPresent(model -> {
                blank.put("modelProvider", model.provider());
                blank.put("model", model.id());
            });
            return blank;
        });
    }

    /// What holds where a session does not say otherwise.
    Map<String, Object> defaults(@Nullable String agent) {
        Optional<Model> model = model(agent == null ? keys.main().agent() : agent);
        Map<String, Object> defaults = new LinkedHashMap<>();
        defaults.put("modelProvider", model.map(Model::provider).orElse(null));
        defaults.put("model", model.map(Model::id).orElse(null));
        defaults.put("contextTokens", model.map(Model::contextTokens).filter(tokens -> tokens > 0).orElse(null));
        return defaults;
    }

    /// The model that answers in a session, in the form of a change's answer.
    Map<String, Object> resolved(SessionRow row) {
        Optional<Model> model = agents.modelOf(row.agent(), SessionSettings.of(row.settings()).get(Setting.MODEL));
        Map<String, Object> resolved = new LinkedHashMap<>();
        resolved.put("modelProvider", model.map(Model::provider).orElse(null));
        resolved.put("model", model.map(Model::id).orElse(null));
        return resolved;
    }

    /// Raised whenever a view may have changed.
    long version() {
        return store.version() + runs.changes();
    }

    Store store() {
        return store;
    }

    Runs runs() {
        return runs;
    }
}
