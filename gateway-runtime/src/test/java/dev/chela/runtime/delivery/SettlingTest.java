package dev.chela.runtime.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import dev.chela.runtime.store.OutboxTable.Address;
import dev.chela.runtime.store.OutboxTable.Item;
import dev.chela.runtime.store.OutboxTable.Origin;
import dev.chela.runtime.store.OutboxTable.OutboxRow;
import dev.chela.runtime.store.OutboxTable.Progress;
import dev.chela.runtime.store.OutboxTable.State;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Who hears what became of a message.
class SettlingTest {

    private static final OutboxRow SENT = new OutboxRow(1, "id",
            new Item(new Address("line", "default", "c", ""), null, "{}", new Origin(null, null, null)),
            new Progress(State.SENT, 1, false, 0, 0, 0, 1, "{}", null));

    private final Settling settling = new Settling();
    private final List<String> told = new ArrayList<>();

    @Test
    void tellsEverybodyWhoWaitsOnceEvenIfOneCannotBeTold() {
        settling.await("id", _ -> told.add("first"));
        settling.await("id", _ -> {
            throw new IllegalStateException("gone");
        });
        settling.await("id", _ -> told.add("third"));
        settling.settled(SENT);
        settling.settled(SENT);
        assertEquals(List.of("first", "third"), told);
    }

    @Test
    void letsOnlySomeWaitForOneMessageAndForgetsThoseWhoDoNot() {
        Consumer<OutboxRow> one = _ -> told.add("one");
        for (int i = 0; i < Settling.MAX_WAITING; i++) {
            assertTrue(settling.await("id", one));
        }
        assertFalse(settling.await("id", one));
        settling.forget("id", one);
        assertTrue(settling.await("id", one));
    }
}
