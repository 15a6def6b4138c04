package dev.chela.plugin.openai;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.chela.api.agent.Message;
import dev.chela.api.agent.ToolResult;
import dev.chela.api.agent.Turn;
import dev.chela.api.json.Json;
import dev.chela.api.json.JsonTexts;

/// Calls the tools that one answer asks for, one after the other, and adds what they say to the conversation.
///
/// @param conversation goes on behind the results
record ToolRound(Turn turn, Conversation conversation, JsonTexts json) {

    private static final Json NOTHING = new Json.Obj(Map.of());

    /// @param round makes the ids of calls unique that the provider gave none
    void call(Answer.Whole answer, int round) throws InterruptedException {
        List<Message.Call> calls = new ArrayList<>();
        List<Message> results = new ArrayList<>();
        for (CalledTools.Called called : answer.calls()) {
            String id = called.id().isEmpty() ? "call_" + round + "_" + calls.size() : called.id();
            Parsed parsed = parse(called.arguments());
            var call = new Message.Call(id, called.name(), parsed.arguments());
            ToolResult result = parsed.problem().isEmpty()
                    ? turn.call(call.id(), call.name(), call.arguments())
                    : ToolResult.error("the arguments of this call cannot be used: " + parsed.problem());
            calls.add(call);
            results.add(Message.result(call, result.text(), Instant.EPOCH));
        }
        conversation.add(new Message(Message.Speaker.ASSISTANT, answer.text(), Instant.EPOCH, calls, null));
        results.forEach(conversation::add);
    }

    /// Arguments, and what is wrong with them if they are none: providers refuse to be told of such again.
    private record Parsed(Json arguments, String problem) {}

    private Parsed parse(String text) {
        if (text.isBlank()) {
            return new Parsed(NOTHING, "");
        }
        try {
            return switch (json.read(text)) {
                case Json.Obj arguments -> new Parsed(arguments, "");
                case Json.Null _ -> new Parsed(NOTHING, "");
                default -> new Parsed(NOTHING, "they are no object");
            };
        } catch (IllegalArgumentException e) {
            return new Parsed(NOTHING, "they are not JSON: " + e.getMessage());
        }
    }
}
