package dev.chela.runtime.session;

import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

import dev.chela.api.session.SessionKey;

/// Makes canonical keys of what clients send; once, at the edge.
public final class SessionKeys {

    /// What the main session is called.
    public static final String MAIN = "main";

    private static final String PREFIX = "agent:";

    private final Supplier<Roster> roster;

    /// Which agents there are.
    ///
    /// @param ids lower case
    /// @param defaultId the one that answers where none is named
    public record Roster(Set<String> ids, String defaultId) {}

    /// Keys of these agents.
    public SessionKeys(Supplier<Roster> roster) {
        this.roster = roster;
    }

    /// The main session of the default agent.
    public SessionKey main() {
        return new SessionKey(roster.get().defaultId(), MAIN);
    }

    /// The main session of an agent.
    ///
    /// @throws IllegalArgumentException if there is no such agent
    public SessionKey main(String agent) {
        return new SessionKey(known(agent), MAIN);
    }

    /// The canonical form of a key: a full one stays, a short one belongs to the default agent.
    ///
    /// @throws IllegalArgumentException if it is no key, or its agent does not exist
    public SessionKey canonical(String key) {
        String trimmed = key.strip();
        if (!trimmed.toLowerCase(Locale.ROOT).startsWith(PREFIX)) {
            return new SessionKey(roster.get().defaultId(), trimmed);
        }
        int colon = trimmed.indexOf(':', PREFIX.length());
        if (colon < 0) {
            throw new IllegalArgumentException("not a session key: '" + key + "'");
        }
        return new SessionKey(known(trimmed.substring(PREFIX.length(), colon)), trimmed.substring(colon + 1));
    }

    private String known(String agent) {
        String id = agent.strip().toLowerCase(Locale.ROOT);
        if (!roster.get().ids().contains(id)) {
            throw new IllegalArgumentException("unknown agent id \"" + id + "\"");
        }
        return id;
    }
}
