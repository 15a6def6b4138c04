package dev.chela.api.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class JsonTest {

    @Test
    void turnsPlainValuesIntoJsonAndBack() {
        Map<String, @Nullable Object> plain = new LinkedHashMap<>();
        plain.put("text", "t");
        plain.put("list", List.of(true, "x"));
        plain.put("none", null);
        Json json = Json.of(plain);
        assertEquals(plain, json.plain());
        assertEquals("t", json.text("text").orElse(""));
        assertTrue(json.at("none").isEmpty() && json.at("absent").isEmpty());
        assertEquals(List.of(), json.items("text"));
    }

    @Test
    void keepsTheOrderOfMembersAndCopiesWhatItIsGiven() {
        Map<String, Json> members = new LinkedHashMap<>();
        members.put("z", Json.of(1));
        members.put("a", Json.of(2));
        var obj = new Json.Obj(members);
        members.clear();
        assertEquals(List.of("z", "a"), new ArrayList<>(obj.members().keySet()));
        assertThrows(UnsupportedOperationException.class, () -> obj.members().clear());
    }

    @Test
    void namesWhatIsNoJson() {
        assertTrue(String.valueOf(assertThrows(IllegalArgumentException.class, () -> Json.of(new Object()))
                .getMessage()).contains("java.lang.Object"));
    }
}
