package dev.chela.api.session;

import dev.chela.api.rpc.Scope;

/// A slash command that people type in a chat, such as `/weather Paris`; the handler answers instead of the agent.
///
/// A command takes its turn in the session like any message: after what was said before it, one at a time. It is never
/// run twice: after a crash of the gateway it is marked as interrupted. It takes words only: typed with something
/// attached it is refused.
public final class Command {

    /// The longest arguments, in UTF-16 units; longer ones are refused.
    public static final int MAX_ARGUMENTS = 4096;

    private final String name;
    private final String description;
    private final Scope scope;
    private final boolean takesArguments;
    private final Handler handler;

    /// What answers a command.
    @FunctionalInterface
    public interface Handler {

        /// Returns what the person is to read. May block; called on a thread of its own, many at a time. Interruption
        /// means that the person or a deadline stopped it.
        ///
        /// @param call what was typed, and where
        /// @throws dev.chela.api.agent.EngineException with what the person is to be told
        String run(CommandCall call) throws Exception;
    }

    private Command(String name, String description, Scope scope, boolean takesArguments, Handler handler) {
        this.name = name;
        this.description = description;
        this.scope = scope;
        this.takesArguments = takesArguments;
        this.handler = handler;
    }

    /// A command without arguments: text behind its name is refused.
    ///
    /// @param name lower-case letters, digits, dashes and underscores, beginning with a letter, at most 64; without the
    /// slash
    /// @param description one line for lists, at most 2,000 characters
    /// @param scope what the person must hold
    public static Command of(String name, String description, Scope scope, Handler handler) {
        return new Command(name, description, scope, false, handler);
    }

    /// The same command with arguments: all text behind its name.
    public Command withArguments() {
        return new Command(name, description, scope, true, handler);
    }

    /// Its name, without the slash.
    public String name() {
        return name;
    }

    /// One line for lists.
    public String description() {
        return description;
    }

    /// What the person must hold.
    public Scope scope() {
        return scope;
    }

    /// Whether text may follow its name.
    public boolean takesArguments() {
        return takesArguments;
    }

    /// What answers.
    public Handler handler() {
        return handler;
    }
}
