package dev.chela.runtime.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

import dev.chela.api.agent.Model;
import dev.chela.api.json.Json;
import dev.chela.api.rpc.Caller;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.rpc.Scope;
import dev.chela.api.session.Command;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.protocol.Version;
import dev.chela.runtime.run.Commands.Typed;
import dev.chela.runtime.session.SessionSettings;
import dev.chela.runtime.session.Setting;
import dev.chela.runtime.store.SessionTable.SessionRow;

import org.jspecify.annotations.Nullable;

/// What is typed in a chat: slash commands of the gateway are answered at once, those of plugins in their turn, all else
/// goes to the agent. A message that only looks like a command goes to the agent as well.
public final class ChatCommands {

    private static final int KEPT = 20;

    /// What is typed behind these, and what comes with them, is the first message of the new session.
    private static final Set<String> BEGINNINGS = Set.of("new", "reset");
    private static final Set<String> STOP_WORDS = Set.of("/stop", "/abort");

    private final Runs.Parts parts;
    private final Runs runs;
    private final SessionEdits edits;
    private final Agents agents;
    private final Map<String, Own> own = new LinkedHashMap<>();

    /// A command of the gateway.
    private record Own(String description, String category, boolean takesArguments, Scope scope, Answerer answerer) {}

    private interface Answerer {

        String answer(SessionKey session, String arguments);
    }

    /// Who types.
    ///
    /// @param subscriber who follows the tools of the run; empty if nobody does
    /// @param name how the agent is told who said it; empty if it need not be told
    public record Asker(Caller caller, String subscriber, String name) {

        /// Somebody in a chat of their own.
        public Asker(Caller caller, String subscriber) {
            this(caller, subscriber, "");
        }

        private Ask saying(Ask ask, String text) {
            String said = name.isEmpty() ? text : name + ": " + text;
            return said.equals(ask.message()) ? ask : ask.saying(said);
        }
    }

    /// Commands for these sessions.
    public ChatCommands(Runs.Parts parts, Runs runs, SessionEdits edits) {
        this.parts = parts;
        this.runs = runs;
        this.edits = edits;
        this.agents = parts.agents();
        own.put("help", new Own("Say what can be typed.", "status", false, Scope.READ, (_, _) -> help()));
        own.put("commands", new Own("List all commands.", "status", false, Scope.READ, (_, _) -> help()));
        own.put("status", new Own("Say how the session stands.", "status", false, Scope.READ, (key, _) -> status(key)));
        own.put("new", new Own("Begin a new session; text behind it is its first message.", "session", true,
                Scope.WRITE, (key, _) -> begin(key, "new")));
        own.put("reset", new Own("Begin the session anew.", "session", true, Scope.WRITE,
                (key, _) -> begin(key, "reset")));
        own.put("compact", new Own("Put all but the newest messages away.", "session", true, Scope.ADMIN,
                this::compact));
        own.put("model", new Own("Show or choose the model.", "options", true, Scope.WRITE,
                (key, ref) -> ref.isEmpty() ? models(key) : choose(key, Setting.MODEL, ref)));
        own.put("think", new Own("Choose how hard the model thinks.", "options", true, Scope.WRITE,
                (key, level) -> choose(key, Setting.THINKING, level)));
        own.put("verbose", new Own("Choose how much of the use of tools is shown.", "options", true, Scope.ADMIN,
                (key, level) -> choose(key, Setting.VERBOSE, level)));
    }

    /// Accepts what was typed.
    ///
    /// @param interpret whether it may be a command
    /// @param told tells the asker that it was accepted, before anybody hears of it
    public Acceptance accept(Ask ask, Asker asker, boolean interpret, Consumer<String> told) {
        Optional<Typed> typed = interpret ? Typed.of(ask.message()) : Optional.empty();
        if (typed.isEmpty()) {
            return run(asker.saying(ask, ask.message()), asker, told);
        }
        Caller caller = asker.caller();
        Own command = own.get(typed.get().name());
        refuseAttachments(ask, typed.get().name());
        if (command == null) {
            return parts.commands().get().find(typed.get().name())
                    .map(entry -> run(check(ask, typed.get(), entry.command(),
                            caller), asker, told))
                    .orElseGet(() -> run(asker.saying(ask, ask.message()), asker, told));
        }
        require(caller, command.scope(), typed.get().name());
        String arguments = typed.get().arguments();
        if (BEGINNINGS.contains(typed.get().name()) && !(arguments.isEmpty() && ask.uploads().isEmpty())) {
            Ask first = asker.saying(ask, arguments);
            if (!edits.takesMessages(ask.session())) {
                throw blocked();
            } else if (!runs.isKnown(first)) {
                edits.reset(ask.session(), typed.get().name());
            }
            return run(first, asker, told);
        }
        return runs.reply(ask, () -> command.answerer().answer(ask.session(), arguments), told);
    }

    /// Commands take words only: what came with one would be lost.
    private void refuseAttachments(Ask ask, String name) {
        boolean known = own.containsKey(name) || parts.commands().get().find(name).isPresent();
        if (known && !ask.uploads().isEmpty() && !BEGINNINGS.contains(name)) {
            throw RpcException.invalid("/" + name + " takes no attachments");
        }
    }

    /// Who asked follows the tools of the run; from its beginning, so that nothing of it is missed.
    private Acceptance run(Ask ask, Asker asker, Consumer<String> told) {
        if (!edits.takesMessages(ask.session())) {
            throw blocked();
        }
        Acceptance acceptance = runs.accept(ask, run -> {
            run.askedBy(asker.subscriber());
            told.accept(run.id());
        });
        if (acceptance instanceof Acceptance.UnderWay(Run run)) {
            run.askedBy(asker.subscriber());
        }
        return acceptance;
    }

    private static Ask check(Ask ask, Typed typed, Command command, Caller caller) {
        require(caller, command.scope(), typed.name());
        if (!command.takesArguments() && !typed.arguments().isEmpty()) {
            throw RpcException.invalid("/" + typed.name() + " takes no arguments");
        } else if (typed.arguments().length() > Command.MAX_ARGUMENTS) {
            throw RpcException.invalid("the arguments of /" + typed.name() + " are longer than "
                    + Command.MAX_ARGUMENTS + " characters");
        }
        return ask.by(typed.name());
    }

    private static void require(Caller caller, Scope scope, String name) {
        if (!caller.holds(scope)) {
            throw RpcException.invalid("/" + name + " needs the scope " + scope.name());
        }
    }

    /// The refusal of a message where none is taken.
    public static RpcException blocked() {
        return RpcException.invalid("send blocked by session policy");
    }

    /// Whether anything that is typed in a session is taken at all.
    public boolean takesMessages(SessionKey session) {
        return edits.takesMessages(session);
    }

    /// Whether what was typed stops what is being answered.
    public static boolean stops(String message) {
        return STOP_WORDS.contains(message.strip().toLowerCase(Locale.ROOT));
    }

    // ---- answers ----

    private String begin(SessionKey key, String reason) {
        edits.reset(key, reason);
        return "A new session has begun.";
    }

    private String compact(SessionKey key, String arguments) {
        int kept = KEPT;
        if (!arguments.isEmpty()) {
            if (!arguments.matches("[1-9][0-9]{0,4}")) {
                return "Use /compact and how many messages are to stay.";
            }
            kept = Integer.parseInt(arguments);
        }
        int moved = edits.compact(key, kept).orElse(0);
        return moved == 0 ? "There is nothing to put away." : moved + " messages were put away.";
    }

    private String choose(SessionKey key, Setting setting, String value) {
        if (setting == Setting.MODEL && !value.equals("default") && !agents.isKnown(value)) {
            return "There is no model " + value + ". " + models(key);
        }
        Json wanted = value.equals("default") ? Json.Null.VALUE : new Json.Text(value);
        try {
            edits.change(key, SessionEdits.Change.of(setting, wanted));
        } catch (IllegalArgumentException e) {
            return e.getMessage() + ", or default";
        }
        return setting.member() + " is " + (value.equals("default") ? "back to its default." : value + " now.");
    }

    private String models(SessionKey key) {
        String now = agents.modelOf(key.agent(), edits.settings(key).get(Setting.MODEL)).map(Model::ref)
                .orElse("the engine's own");
        List<String> refs = agents.models().stream().map(Model::ref).toList();
        return "Model: " + now + (refs.isEmpty() ? "" : "\nKnown: " + String.join(", ", refs));
    }

    private String status(SessionKey key) {
        Optional<SessionRow> row = parts.store().read(tx -> tx.sessions().find(key.toString()));
        long messages = row.map(one -> parts.store().read(tx -> tx.entries().count(one.sessionId()))).orElse(0L);
        SessionSettings settings = row.map(one -> SessionSettings.of(one.settings())).orElse(SessionSettings.NONE);
        List<String> lines = new ArrayList<>();
        lines.add("Chela " + Version.CURRENT.product());
        lines.add("Session: " + key + row.map(one -> ", " + messages + " messages since "
                + Instant.ofEpochMilli(one.createdAt()).toString().substring(0, 16) + "Z").orElse(", new"));
        lines.add("Model: " + agents.modelOf(key.agent(), settings.get(Setting.MODEL)).map(Model::ref)
                .orElse("the engine's own"));
        row.ifPresent(one -> lines.add("Tokens of the last answer: " + one.inputTokens() + " in, "
                + one.outputTokens() + " out"));
        int open = runs.of(key).size();
        lines.add("Runs: " + (open == 0 ? "none" : "1 at work, " + (open - 1) + " waiting"));
        for (Setting setting : List.of(Setting.THINKING, Setting.VERBOSE, Setting.SEND_POLICY)) {
            settings.get(setting).ifPresent(value -> lines.add(setting.member() + ": " + value));
        }
        return String.join("\n", lines);
    }

    private String help() {
        List<String> lines = new ArrayList<>();
        lines.add("/stop - Stop the answer.");
        own.forEach((name, command) -> lines.add("/" + name + " - " + command.description()));
        parts.commands().get().entries().forEach(entry -> lines.add("/" + entry.command().name() + " - "
                + entry.command().description()));
        return String.join("\n", lines);
    }

    // ---- the list ----

    /// All commands as clients know them.
    public List<Map<String, Object>> list() {
        List<Map<String, Object>> rows = new ArrayList<>();
        rows.add(row("stop", "Stop the answer.", "session", "native", false));
        own.forEach((name, command) -> rows.add(row(name, command.description(), command.category(), "native",
                command.takesArguments())));
        parts.commands().get().entries()
                .forEach(entry -> rows.add(row(entry.command().name(), entry.command().description(),
                        null, "plugin", entry.command().takesArguments())));
        return rows;
    }

    private static Map<String, Object> row(String name, String description, @Nullable String category, String source,
            boolean takesArguments) {
        Map<String, Object> command = new LinkedHashMap<>();
        command.put("name", name);
        command.put("nativeName", name);
        command.put("textAliases", List.of("/" + name));
        command.put("description", description);
        if (category != null) {
            command.put("category", category);
        }
        command.put("source", source);
        command.put("scope", "both");
        command.put("acceptsArgs", takesArguments);
        return command;
    }
}
