package dev.chela.plugin.openai;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.agent.Message;
import dev.chela.api.agent.Model;
import dev.chela.api.agent.Turn;

/// What a model is told in one turn: the system prompt, as much of the history as fits, and the message.
///
/// Many models insist that user and assistant take turns, so neighbours of one speaker become one message.
final class Conversation {

    static final int MAX_MESSAGES = 200;
    private static final int MAX_LENGTH = 400_000;
    /// Cautious: few tokens are shorter in any language.
    private static final int CHARS_PER_TOKEN = 3;

    private static final String USER = Message.Speaker.USER.name();

    private Conversation() {}

    /// The body of a request.
    ///
    /// @param usage whether the provider is asked to count tokens
    static Map<String, Object> request(Turn turn, Target target, boolean usage) {
        Model model = target.model();
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("model", model.id());
        request.put("messages", messages(turn, model));
        request.put("stream", true);
        if (usage) {
            request.put("stream_options", Map.of("include_usage", true));
        }
        if (model.maxTokens() > 0) {
            request.put(target.isOpenAi() ? "max_completion_tokens" : "max_tokens", model.maxTokens());
        }
        return request;
    }

    private static List<Map<String, String>> messages(Turn turn, Model model) {
        List<Map<String, String>> messages = new ArrayList<>();
        turn.systemPrompt().ifPresent(prompt -> messages.add(message("system", prompt)));
        long room = room(model) - turn.message().length() - turn.systemPrompt().map(String::length).orElse(0);
        for (Message earlier : newest(turn.history(MAX_MESSAGES), room)) {
            add(messages, earlier.speaker().name(), earlier.text());
        }
        add(messages, USER, turn.message());
        return messages;
    }

    private static long room(Model model) {
        return model.contextTokens() == 0
                ? MAX_LENGTH
                : Math.max(0L, model.contextTokens() - model.maxTokens()) * CHARS_PER_TOKEN;
    }

    /// As many of the last messages as fit, beginning with a person's.
    private static List<Message> newest(List<Message> history, long room) {
        int from = history.size();
        long left = room;
        while (from > 0 && history.get(from - 1).text().length() <= left) {
            from--;
            left -= history.get(from).text().length();
        }
        while (from < history.size() && !history.get(from).speaker().equals(Message.Speaker.USER)) {
            from++;
        }
        return history.subList(from, history.size());
    }

    private static void add(List<Map<String, String>> messages, String role, String text) {
        Map<String, String> last = messages.isEmpty() ? Map.of() : messages.getLast();
        if (role.equals(last.get("role"))) {
            messages.set(messages.size() - 1, message(role, last.get("content") + "\n\n" + text));
        } else {
            messages.add(message(role, text));
        }
    }

    private static Map<String, String> message(String role, String text) {
        Map<String, String> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", text);
        return message;
    }
}
