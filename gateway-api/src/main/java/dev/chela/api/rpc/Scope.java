package dev.chela.api.rpc;

import java.util.Set;

/// A permission an operator may hold. An open set: the constants are those of the protocol, plugins may bring others.
///
/// @param name such as `operator.read`
public record Scope(String name) {

    /// Everything an operator can do.
    public static final Scope ADMIN = new Scope("operator.admin");

    /// Reading state and following events.
    public static final Scope READ = new Scope("operator.read");

    /// Sending messages and starting work.
    public static final Scope WRITE = new Scope("operator.write");

    /// Deciding about commands that wait for a person.
    public static final Scope APPROVALS = new Scope("operator.approvals");

    /// Letting devices in.
    public static final Scope PAIRING = new Scope("operator.pairing");

    /// Answering questions of agents.
    public static final Scope QUESTIONS = new Scope("operator.questions");

    /// Voice mode.
    public static final Scope TALK = new Scope("operator.talk");

    /// Reading the secrets of voice providers.
    public static final Scope TALK_SECRETS = new Scope("operator.talk.secrets");

    /// Reading chat sessions only.
    public static final Scope SESSIONS_READ = new Scope("operator.sessions.read");

    /// Writing to chat sessions only.
    public static final Scope SESSIONS_WRITE = new Scope("operator.sessions.write");

    private static final Set<String> BY_WRITE = Set.of(READ.name, TALK.name, SESSIONS_READ.name, SESSIONS_WRITE.name);

    /// Says whether holding this scope is enough where `needed` is asked for.
    ///
    /// Admin covers every `operator.*`; write covers read, talk and both session scopes; read and session write cover
    /// session read (protocol 4).
    public boolean covers(Scope needed) {
        if (is(needed)) {
            return true;
        } else if (is(ADMIN)) {
            return needed.name.startsWith("operator.");
        } else if (is(WRITE)) {
            return BY_WRITE.contains(needed.name);
        }
        return needed.is(SESSIONS_READ) && (is(READ) || is(SESSIONS_WRITE));
    }

    private boolean is(Scope other) {
        return name.equals(other.name);
    }
}
