package dev.chela.runtime.delivery;

import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.chela.api.channel.Inbound.Chat.Kind;
import dev.chela.runtime.config.Config;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Whose session a message comes into: nobody gets into another's by what they are called.
class BindingsTest {

    private static final Map<String, List<String>> ANNA = Map.of("Anna", List.of("line:ann", "web:9", "pen-name"));

    private static Config config(String scope, @Nullable Map<String, List<String>> links) {
        return new Config(null, null, null, null, new Config.Session(null, null, scope, links), null, null, null,
                null, null, null, null, Map.of());
    }

    private static String key(Config config, String channel, String peer, @Nullable String thread) {
        var place = new Bindings.Place(channel, "default", Kind.DIRECT, peer, thread, null);
        return new Bindings(config, "main").session(place).toString();
    }

    private static String key(String peer) {
        return key(config("per-channel-peer", null), "line", peer, null);
    }

    private static String linked(String channel, String peer) {
        return key(config("per-peer", ANNA), channel, peer, null);
    }

    @Test
    void knowsALinkedPersonInEveryChannel() {
        assertEquals("agent:main:dm:~anna", linked("line", "Ann"));
        assertEquals("agent:main:dm:~anna", linked("web", "9"));
        assertEquals("agent:main:dm:~anna", linked("mail", "pen-name"), "a name without a channel is one in any");
        assertEquals("agent:main:dm:9", linked("line", "9"));
    }

    @Test
    void takesNobodyForALinkedPersonWhoseIdSpellsOne() {
        for (String id : List.of("line:ann", "anna", "~anna", "%7eanna", "dm:~anna", "main:dm:~anna")) {
            assertNotEquals("agent:main:dm:~anna", linked("mail", id), id);
        }
        assertEquals("agent:main:dm:line%3aann", linked("mail", "line:ann"));
        assertEquals("agent:main:dm:anna", linked("mail", "anna"));
    }

    @Test
    void keepsNumbersAndOrdinaryNamesReadable() {
        assertEquals("agent:main:line:dm:123456789", key("123456789"));
        assertEquals("agent:main:line:dm:+491701234567", key("+491701234567"));
        assertEquals("agent:main:line:dm:ann.b_c-d@example.org", key("Ann.B_c-d@example.org"));
    }

    @Test
    void givesDifferentIdsDifferentSessions() {
        List<String> ids = List.of("kate", "\u212Aate", "kate\u2003", " kate", "kate ", "kate:thread:7",
                "kate%3athread%3a7",
                "kate%", "kate~", "\u0131ris", "iris", "i\u0307ris", "lou\u017F", "lous", "\u00FC", "u\u0308",
                "%c3%bc");
        assertEquals(ids.size(), Set.copyOf(ids.stream().map(BindingsTest::key).toList()).size());
        assertEquals(key("kate"), key("KATE"));
        Config config = config("per-channel-peer", null);
        assertNotEquals(key(config, "line", "kate", "7"), key(config, "line", "kate:thread:7", null));
        assertNotEquals(key(config, "line", "kate", "7:thread:8"), key(config, "line", "kate:thread:7", "8"));
    }

    @Test
    void shortensWhatIsTooLongForAKeyAndKeepsItApart() {
        String one = "\u65E5".repeat(119);
        Config config = config("per-account-channel-peer", null);
        String key = key(config, "c".repeat(64), one + "a", one);
        assertTrue(key.length() <= 512, key);
        assertNotEquals(key, key(config, "c".repeat(64), one + "b", one));
        assertEquals(Ids.MAX_PART, Ids.part("a".repeat(Ids.MAX_PART)).length());
        assertTrue(Ids.part("a".repeat(Ids.MAX_PART + 1)).contains("~"));
    }

    @Test
    void bindsNoIdThatOnlyLooksAlike() {
        Policy.Rule rule = Policy.Rule.of("allowlist", List.of("Kate", "line:iris", "lous"), "line");
        assertTrue(rule.admits("kate") && rule.admits("KATE") && rule.admits("Iris"));
        for (String id : List.of("\u212Aate", "kate\u2003", "\u0131ris", "lou\u017F", "line:iris", "*")) {
            assertFalse(rule.admits(id), id);
        }
    }
}
