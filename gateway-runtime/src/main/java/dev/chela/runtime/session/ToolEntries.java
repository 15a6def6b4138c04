package dev.chela.runtime.session;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.agent.Message;
import dev.chela.api.json.Json;
import dev.chela.api.json.Open;
import dev.chela.runtime.json.BindException;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.store.EntryTable.Entry;

import org.jspecify.annotations.Nullable;

/// What messages of a transcript have besides their text: which tools were called with what, whose result a message is,
/// and what came with it.
public final class ToolEntries {

    /// The role of a message that is a tool's result.
    public static final String RESULT = Message.Speaker.TOOL.name();

    private static final JsonCodec CODEC = new JsonCodec();
    private static final Content NONE = new Content(null, null, null, null, null);

    private ToolEntries() {}

    /// The form it is kept in; what later versions add is passed over.
    @Open
    record Content(@Nullable List<Called> toolCalls, @Nullable String toolCallId, @Nullable String toolName,
            @Nullable Boolean isError, @Nullable List<Attached> attachments) {}

    record Called(String id, String name, Json arguments) {}

    /// What is kept of a call besides the text before it.
    ///
    /// @throws IllegalArgumentException if it has no JSON form, or one that could not be read again
    public static String ofCall(Message.Call call) {
        var called = new Called(call.id(), call.name(), call.arguments());
        JsonText text = CODEC.encode(new Content(List.of(called), null, null, null, null));
        try {
            CODEC.bind(text, Content.class);
        } catch (BindException e) {
            throw new IllegalArgumentException(e.forClient(), e);
        }
        return text.toString();
    }

    /// What is kept of a result besides its text.
    public static String ofResult(Message.Call call, boolean isError) {
        return CODEC.encode(new Content(null, call.id(), call.name(), isError, null)).toString();
    }

    /// What is kept of a message that something came with.
    public static String ofAttached(List<Attached> all) {
        return CODEC.encode(new Content(null, null, null, null, all)).toString();
    }

    /// What came with a message.
    public static List<Attached> attached(Entry entry) {
        List<Attached> attached = content(entry).attachments();
        return attached == null ? List.of() : attached;
    }

    private static Content content(Entry entry) {
        try {
            return entry.content() == null ? NONE : CODEC.bind(JsonText.of(entry.content()), Content.class);
        } catch (BindException e) {
            return NONE; // whatever a later version wrote there, the text can be shown
        }
    }

    /// The tools called with a message.
    public static List<Message.Call> calls(Entry entry) {
        List<Called> called = content(entry).toolCalls();
        return called == null
                ? List.of()
                : called.stream().map(one -> new Message.Call(one.id(), one.name(), one.arguments())).toList();
    }

    /// The id of the call whose result a message is.
    public static Optional<String> answers(Entry entry) {
        return Optional.ofNullable(content(entry).toolCallId());
    }

    /// Adds a message's content to what clients see of it.
    static void show(Map<String, Object> shown, Entry entry, Pictures pictures) {
        List<Message.Call> calls = calls(entry);
        List<Attached> attached = attached(entry);
        List<Map<String, Object>> content = new ArrayList<>();
        if ((calls.isEmpty() && attached.isEmpty()) || !entry.text().isEmpty()) {
            content.add(Map.of("type", "text", "text", entry.text()));
        }
        attached.forEach(one -> content.add(pictures.show(one)));
        for (Message.Call call : calls) {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("type", "toolCall");
            item.put("id", call.id());
            item.put("name", call.name());
            item.put("arguments", call.arguments());
            content.add(item);
        }
        shown.put("content", content);
        if (entry.role().equals(RESULT)) {
            Content own = content(entry);
            shown.put("toolCallId", String.valueOf(own.toolCallId()));
            shown.put("toolName", String.valueOf(own.toolName()));
            shown.put("isError", Boolean.TRUE.equals(own.isError()));
        }
    }
}
