package dev.chela.runtime.run;

import java.util.List;
import java.util.Map;

import dev.chela.api.agent.Message;
import dev.chela.api.json.Json;
import dev.chela.runtime.session.ToolEntries;
import dev.chela.runtime.store.EntryTable.Cost;
import dev.chela.runtime.store.EntryTable.Entry;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class PastMessagesTest {

    private static final Message.Call CALL = new Message.Call("call_0", "pay", Json.of(Map.of()));

    private static Entry entry(long seq, String role, String runId, String text, String content) {
        return new Entry("e" + seq, "s", seq, role, text, seq, runId, null, null, Cost.NONE, content);
    }

    @Test
    void givesNoCallTheResultOfAnotherRunThatUsedTheSameId() {
        List<Message> messages = PastMessages.of(List.of(
                entry(1, "assistant", "stopped", "", ToolEntries.ofCall(CALL)),
                entry(2, "assistant", "whole", "", ToolEntries.ofCall(CALL)),
                entry(3, ToolEntries.RESULT, "whole", "paid", ToolEntries.ofResult(CALL, false))), _ -> {
                    throw new AssertionError("nothing came with them");
                });
        assertEquals(4, messages.size());
        assertTrue(messages.get(1).text().contains("no result"), messages::toString);
        assertEquals("paid", messages.get(3).text());
    }
}
