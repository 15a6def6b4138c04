package dev.chela.plugin.openai;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.agent.Message;
import dev.chela.api.agent.Model;
import dev.chela.api.agent.ToolOffer;
import dev.chela.api.agent.Turn;
import dev.chela.api.json.JsonTexts;

import org.jspecify.annotations.Nullable;

/// What a model is told in one turn: the system prompt, as much of the history as fits, the message, and what it and its
/// tools have said since.
///
/// Many models insist that user and assistant take turns, so neighbours of one speaker become one message.
final class Conversation {

    static final int MAX_MESSAGES = 200;
    private static final int MAX_LENGTH = 400_000;
    /// Cautious: few tokens are shorter in any language.
    private static final int CHARS_PER_TOKEN = 3;

    private final Target target;
    private final JsonTexts json;
    private final String system;
    private final @Nullable String effort;
    private final List<ToolOffer> tools;
    private final Enclosures enclosures;
    private final List<Message> messages = new ArrayList<>();

    /// What a request asks for besides an answer; some providers refuse the one or the other.
    ///
    /// @param usage whether the provider is to count tokens
    /// @param tools whether the model is told of tools, and of what they said before
    /// @param effort whether the model is told how hard to think
    /// @param pictures whether the model is shown pictures
    record Wishes(boolean usage, boolean tools, boolean effort, boolean pictures) {

        static final Wishes ALL = new Wishes(true, true, true, true);
    }

    Conversation(Turn turn, Target target, JsonTexts json) {
        this.target = target;
        this.json = json;
        this.system = turn.systemPrompt().orElse("");
        this.effort = turn.thinkingLevel().map(level -> level.equals("off") ? "none" : level).orElse(null);
        this.tools = turn.tools();
        this.enclosures = new Enclosures(target.model(), room(target.model()));
        var asked = new Message(Message.Speaker.USER, turn.message(), Instant.EPOCH, List.of(), null,
                turn.attachments());
        messages.addAll(newest(turn.history(MAX_MESSAGES), room(target.model()) - length(asked) - system.length()));
        messages.add(asked);
        enclosures.choose(messages);
    }

    /// Whether there are pictures to show the model.
    boolean hasPictures() {
        return enclosures.showsPictures();
    }

    /// Whether there are tools to tell the model of.
    boolean hasTools() {
        return !tools.isEmpty();
    }

    /// Whether the model is to be told how hard to think.
    boolean hasEffort() {
        return effort != null;
    }

    /// Adds what the model or a tool has said.
    void add(Message message) {
        messages.add(message);
    }

    /// The body of a request.
    Map<String, Object> request(Wishes wishes) {
        Model model = target.model();
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("model", model.id());
        request.put("messages", messages(wishes));
        if (wishes.tools() && hasTools()) {
            request.put("tools", tools.stream().map(Conversation::tool).toList());
        }
        request.put("stream", true);
        if (wishes.usage()) {
            request.put("stream_options", Map.of("include_usage", true));
        }
        if (wishes.effort() && effort != null) {
            request.put("reasoning_effort", effort);
        }
        if (model.maxTokens() > 0) {
            request.put(target.isOpenAi() ? "max_completion_tokens" : "max_tokens", model.maxTokens());
        }
        return request;
    }

    private static Map<String, Object> tool(ToolOffer offer) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", offer.name());
        function.put("description", offer.description());
        function.put("parameters", offer.schema());
        return typed(function);
    }

    private static Map<String, Object> typed(Map<String, Object> function) {
        Map<String, Object> typed = new LinkedHashMap<>();
        typed.put("type", "function");
        typed.put("function", function);
        return typed;
    }

    private List<Map<String, Object>> messages(Wishes wishes) {
        boolean withTools = wishes.tools();
        List<Map<String, Object>> told = new ArrayList<>();
        if (!system.isEmpty()) {
            told.add(message("system", system));
        }
        for (Message message : messages) {
            if (message.answers() != null) {
                if (withTools) {
                    Map<String, Object> result = message("tool", message.text());
                    result.put("tool_call_id", message.answers());
                    told.add(result);
                }
            } else if (withTools && !message.calls().isEmpty()) {
                add(told, message.speaker().name(), Content.of(message.text()));
                told.getLast().put("tool_calls", message.calls().stream().map(this::call).toList());
            } else {
                Content content = enclosures.content(message, wishes.pictures());
                if (!content.isEmpty()) {
                    add(told, message.speaker().name(), content);
                }
            }
        }
        return told;
    }

    private Map<String, Object> call(Message.Call call) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        function.put("arguments", json.write(call.arguments()));
        Map<String, Object> typed = typed(function);
        typed.put("id", call.id());
        return typed;
    }

    private static long room(Model model) {
        return model.contextTokens() == 0
                ? MAX_LENGTH
                : Math.max(0L, model.contextTokens() - model.maxTokens()) * CHARS_PER_TOKEN;
    }

    /// As many of the last messages as fit, beginning with a person's.
    private List<Message> newest(List<Message> history, long room) {
        int from = history.size();
        long left = room;
        while (from > 0 && length(history.get(from - 1)) <= left) {
            from--;
            left -= length(history.get(from));
        }
        while (from < history.size() && !history.get(from).speaker().equals(Message.Speaker.USER)) {
            from++;
        }
        return history.subList(from, history.size());
    }

    private long length(Message message) {
        return message.text().length() + enclosures.length(message)
                + message.calls().stream().mapToLong(call -> call.arguments().toString().length()).sum();
    }

    private static void add(List<Map<String, Object>> messages, String role, Content content) {
        Map<String, Object> last = messages.isEmpty() ? Map.of() : messages.getLast();
        if (role.equals(last.get("role")) && !last.containsKey("tool_calls")) {
            last.put("content", content.behind(last.get("content")));
        } else {
            messages.add(message(role, content.told()));
        }
    }

    private static Map<String, Object> message(String role, Object content) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }
}
