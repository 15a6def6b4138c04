package dev.chela.api.session;

import java.util.Locale;

/// The canonical name of a chat session: `agent:<agent id>:<rest>`, lower case.
///
/// The gateway makes canonical keys of what clients send, once, at the edge; everything behind it sees only these.
///
/// @param agent the agent's id
/// @param rest what tells this session from the agent's others, such as `main`
public record SessionKey(String agent, String rest) {

    /// The longest key, in UTF-16 units.
    public static final int MAX_LENGTH = 512;

    /// Checks and lower-cases both parts.
    ///
    /// @throws IllegalArgumentException if a part is blank, holds a control character or the key is too long
    public SessionKey {
        agent = agent.strip().toLowerCase(Locale.ROOT);
        rest = rest.strip().toLowerCase(Locale.ROOT);
        if (agent.isEmpty() || rest.isEmpty() || agent.indexOf(':') >= 0) {
            throw new IllegalArgumentException("not a session key: '" + agent + ":" + rest + "'");
        }
        if (agent.length() + rest.length() + 7 > MAX_LENGTH) {
            throw new IllegalArgumentException("session key is longer than " + MAX_LENGTH);
        }
        if ((agent + rest).chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("session key has a control character");
        }
    }

    @Override
    public String toString() {
        return "agent:" + agent + ":" + rest;
    }
}
