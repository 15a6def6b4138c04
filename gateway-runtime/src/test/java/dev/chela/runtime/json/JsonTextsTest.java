package dev.chela.runtime.json;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.api.json.JsonTexts;
import dev.chela.runtime.testing.Refused;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// JSON text as plugins read and write it.
class JsonTextsTest {

    record Point(int x, @Nullable String label) {}

    private final JsonTexts texts = new JsonCodec();

    @Test
    void readsWhatItWrote() {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("text", "é\n\"\u0001");
        all.put("none", null);
        all.put("list", List.of(1, 2.5, true, Json.of("x")));
        all.put("point", new Point(1, null));
        String text = texts.write(all);
        assertEquals("{\"text\":\"é\\n\\\"\\u0001\",\"none\":null,\"list\":[1,2.5,true,\"x\"],\"point\":{\"x\":1}}",
                text);
        assertEquals(text, texts.write(texts.read(text)));
        assertEquals(new Point(1, null), texts.read("{\"x\":1}", Point.class));
    }

    @Test
    void keepsHalfASurrogatePair() {
        assertEquals("\"\ud83d\"", texts.write("\ud83d"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"x\":1} {\"x\":2}", "{\"x\":1}]", "{'x':1}", "{\"x\":1,}", "{\"x\":01}", "{\"x\":1"})
    void refusesWhatIsNotOneStrictValue(String text) {
        assertThrows(IllegalArgumentException.class, () -> texts.read(text));
        assertThrows(IllegalArgumentException.class, () -> texts.read(text, Point.class));
    }

    @Test
    void namesWhatDoesNotFitARecord() {
        assertEquals("at /x: must be integer; at root: unexpected property 'y'",
                Refused.with(IllegalArgumentException.class, () -> texts.read("{\"x\":\"1\",\"y\":2}", Point.class)));
    }

    @Test
    void refusesWhatIsNestedTooDeeply() {
        String deep = "[".repeat(JsonCodec.MAX_DEPTH + 1) + "]".repeat(JsonCodec.MAX_DEPTH + 1);
        assertTrue(Refused.with(IllegalArgumentException.class, () -> texts.read(deep)).contains("64"));
    }
}
