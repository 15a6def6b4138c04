package dev.chela.runtime.json;

import java.util.List;
import java.util.Map;

import dev.chela.api.json.Bounds;
import dev.chela.api.json.Describe;
import dev.chela.api.json.Json;
import dev.chela.api.json.Name;
import dev.chela.api.json.OneOf;
import dev.chela.api.json.Open;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class SchemasTest {

    record All(@Describe("What it is.") String text, @Bounds(min = 0, max = 5) @Nullable String brief,
            @OneOf({"a", "b"}) String choice, int count, @Bounds(min = 1, max = 9) long small, double share,
            boolean flag, Json any, @Bounds(max = 2) List<String> items, Map<String, Integer> table,
            @Name("$inner") @Nullable Inner inner) {}

    @Open
    record Inner(@Nullable Integer x) {}

    private final JsonCodec codec = new JsonCodec();

    @Test
    void saysWhatARecordMustLookLike() {
        assertEquals(JsonCodec.read(JsonText.of("""
                {"type":"object","properties":{
                  "text":{"type":"string","minLength":1,"description":"What it is."},
                  "brief":{"type":"string","maxLength":5},
                  "choice":{"type":"string","enum":["a","b"]},
                  "count":{"type":"integer"},
                  "small":{"type":"integer","minimum":1,"maximum":9},
                  "share":{"type":"number"},
                  "flag":{"type":"boolean"},
                  "any":{},
                  "items":{"type":"array","items":{"type":"string","minLength":1},"maxItems":2},
                  "table":{"type":"object","additionalProperties":{"type":"integer"}},
                  "$inner":{"type":"object","properties":{"x":{"type":"integer"}}}},
                 "required":["text","choice","count","small","share","flag","any","items","table"],
                 "additionalProperties":false}""")), codec.schema(All.class));
    }
}
