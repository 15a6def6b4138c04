package dev.chela.runtime.connection;

import java.time.InstantSource;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Who is listed as present.
class PresenceTest {

    private static Presence.Entry entry(String text) {
        List<String> many = Collections.nCopies(100, text);
        return new Presence.Entry(text, text, text, text, text, text, text, 0, text, text, 1, text, many, many, text,
                many);
    }

    @Test
    void cutsWhatAClientSaysOfItselfSoThatNoHelloGrowsWithIt() {
        var presence = new Presence(InstantSource.system(), entry("self"));
        for (int i = 0; i < Presence.MAX_ENTRIES; i++) {
            presence.put("client" + i, entry("😀".repeat(30_000)));
        }
        assertTrue(presence.list().length() < Presence.MAX_ENTRIES * 12 * 1024, () -> presence.list().length() + "");
        assertEquals("x" + "😀".repeat(99), entry("x" + "😀".repeat(200)).host());
    }
}
