package dev.chela.runtime.run;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import dev.chela.api.agent.Attachment;
import dev.chela.api.agent.Message;
import dev.chela.runtime.session.Attached;
import dev.chela.runtime.session.ToolEntries;
import dev.chela.runtime.store.EntryTable.Entry;

/// A part of a transcript as engines are given it: every call of a tool with its result right behind it, since providers
/// refuse conversations in which one is missing.
final class PastMessages {

    /// A call whose run was cut off has none, and the model should know.
    private static final String NO_RESULT = "no result: the call was cut off";

    private final List<Entry> entries;
    private final Function<Attached, Attachment> attachments;
    private final Map<String, Deque<Integer>> results = new HashMap<>();
    private final List<Message> messages = new ArrayList<>();

    private PastMessages(List<Entry> entries, Function<Attached, Attachment> attachments) {
        this.entries = entries;
        this.attachments = attachments;
    }

    /// @param entries oldest first
    /// @param attachments gives what came with them
    static List<Message> of(List<Entry> entries, Function<Attached, Attachment> attachments) {
        var past = new PastMessages(entries, attachments);
        past.collectResults();
        for (int i = 0; i < entries.size(); i++) {
            past.add(i);
        }
        return past.messages;
    }

    private void collectResults() {
        for (int i = 0; i < entries.size(); i++) {
            if (isResult(entries.get(i))) {
                int place = i;
                ToolEntries.answers(entries.get(i))
                        .ifPresent(id -> results.computeIfAbsent(key(entries.get(place), id), _ -> new ArrayDeque<>())
                                .add(place));
            }
        }
    }

    private static boolean isResult(Entry entry) {
        return entry.role().equals(ToolEntries.RESULT);
    }

    private void add(int place) {
        Entry entry = entries.get(place);
        if (isResult(entry)) {
            return;
        }
        List<Message.Call> calls = ToolEntries.calls(entry);
        List<Attachment> attached = ToolEntries.attached(entry).stream().map(attachments).toList();
        if (!entry.text().isEmpty() || !calls.isEmpty() || !attached.isEmpty()) {
            messages.add(
                    new Message(new Message.Speaker(entry.role()), entry.text(), at(entry), calls, null, attached));
        }
        calls.forEach(call -> messages.add(result(place, call)));
    }

    /// Some providers use the same id again and again, so the next result behind the call is meant.
    private Message result(int place, Message.Call call) {
        Deque<Integer> places = results.getOrDefault(key(entries.get(place), call.id()), new ArrayDeque<>());
        while (!places.isEmpty()) {
            int found = places.removeFirst();
            if (found > place) {
                return Message.result(call, entries.get(found).text(), at(entries.get(found)));
            }
        }
        return Message.result(call, NO_RESULT, at(entries.get(place)));
    }

    /// A result belongs to a call of its own run: the same id in another turn is another call.
    private static String key(Entry entry, String callId) {
        return entry.runId() + " " + callId;
    }

    private static Instant at(Entry entry) {
        return Instant.ofEpochMilli(entry.at());
    }
}
