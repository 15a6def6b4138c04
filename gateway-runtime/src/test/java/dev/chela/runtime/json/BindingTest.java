package dev.chela.runtime.json;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.config.Secret;
import dev.chela.api.json.Bounds;
import dev.chela.api.json.Json;
import dev.chela.api.json.Name;
import dev.chela.api.json.OneOf;
import dev.chela.api.json.Open;
import dev.chela.api.json.Rest;
import dev.chela.runtime.testing.Refused;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class BindingTest {

    record All(String text, @Bounds(min = 0) String maybeEmpty, int count, @Bounds(min = 1, max = 9) long small,
            double share, boolean flag, @OneOf({"a", "b"}) @Nullable String choice, Json any,
            @Bounds(max = 2) List<String> items, Map<String, Inner> table, @Nullable Inner inner,
            @Name("$odd") @Nullable String odd, @Nullable Secret secret) {}

    record Inner(int x, @Nullable Brief shorthand) {}

    @Shorthand("name")
    record Brief(@Nullable String name, @Nullable Integer n) {}

    @Open
    record Loose(@Nullable String known) {}

    record Rested(String known, @Rest Map<String, Json> rest) {}

    record RestedWrong(@Rest Map<String, String> rest) {}

    record Small(@Bounds(max = 9) long small) {}

    record Large(long n) {}

    record Picky(int even) {
        Picky {
            if (even % 2 != 0) {
                throw new IllegalArgumentException("must be even");
            }
        }
    }

    private final JsonCodec codec = new JsonCodec();

    private <R extends Record> R bind(String json, Class<R> type) {
        return codec.bind(JsonText.of(json), type);
    }

    private String problems(String json, Class<? extends Record> type) {
        return assertThrows(BindException.class, () -> bind(json, type)).forClient();
    }

    @Test
    void bindsEveryForm() {
        All all = bind("""
                {"text":"é","maybeEmpty":"","count":-3,"small":9,"share":0.5,"flag":true,"choice":"b",
                 "any":{"n":1.50,"l":[null,true]},"items":["x","y"],"table":{"k":{"x":1,"shorthand":"name"}},
                 "inner":{"x":2,"shorthand":{"n":4}},"$odd":"o","secret":"s3cret"}""", All.class);
        assertEquals("é", all.text());
        assertEquals(-3, all.count());
        assertEquals(List.of("x", "y"), all.items());
        assertEquals(new Inner(1, new Brief("name", null)), all.table().get("k"));
        assertEquals(new Inner(2, new Brief(null, 4)), all.inner());
        assertEquals("o", all.odd());
        assertEquals(new Json.Num(new BigDecimal("1.50")), all.any().at("n").orElseThrow());
        assertEquals("***", String.valueOf(all.secret()));
    }

    @Test
    void handsOverWhatNoComponentIsFor() {
        Rested rested = bind("{\"a\":1,\"known\":\"k\",\"b\":null,\"c\":{\"d\":[]}}", Rested.class);
        assertEquals(Map.of("a", Json.of(1), "b", Json.Null.VALUE, "c", Json.of(Map.of("d", List.of()))),
                rested.rest());
        assertEquals(Map.of(), bind("{\"known\":\"k\"}", Rested.class).rest());
        assertThrows(IllegalArgumentException.class, () -> bind("{}", RestedWrong.class));
    }

    @Test
    void namesEverythingThatIsWrongAtOnce() {
        String found = problems("""
                {"text":"","count":1.5,"small":10,"share":"x","flag":1,"choice":"c","items":["a","b","c"],
                 "table":{"k":{"x":"one","y":1}},"inner":3,"extra":{"deep":[1]}}""", All.class);
        assertEquals("at /text: must not have fewer than 1 characters; at /count: must be integer;"
                + " at /small: must be <= 9; at /share: must be number; at /flag: must be boolean;"
                + " at /choice: must be equal to one of the allowed values;"
                + " at /items: must not have more than 2 items; at /table/k/x: must be integer;"
                + " at /table/k: unexpected property 'y'; at /inner: must be object;"
                + " at root: unexpected property 'extra'; must have required property 'maybeEmpty';"
                + " must have required property 'any'", found);
    }

    @Test
    void tellsAPersonPathAndValue() {
        BindException e = assertThrows(BindException.class, () -> bind("{\"x\":\"many\"}", Inner.class));
        assertEquals("x: must be integer, found \"many\"", e.problems().getFirst().forPerson());
    }

    @Test
    void countsNullAsAbsent() {
        assertEquals(new Inner(1, null), bind("{\"x\":1,\"shorthand\":null}", Inner.class));
        assertEquals("must have required property 'x'", problems("{\"x\":null}", Inner.class));
    }

    @Test
    void takesWholeNumbersHoweverTheyAreWritten() {
        assertEquals(100, bind("{\"x\":1e2}", Inner.class).x());
        assertEquals(7, bind("{\"x\":7.0}", Inner.class).x());
        assertEquals("at /x: must be <= 2147483647", problems("{\"x\":2147483648}", Inner.class));
        assertEquals("at /x: must be >= -2147483648", problems("{\"x\":-1e300}", Inner.class));
        assertEquals("at /small: must be <= 9", problems(
                "{\"small\":123456789012345678901234567890}", Small.class));
        assertEquals(Long.MAX_VALUE, bind("{\"n\":9223372036854775808}", Large.class).n());
    }

    @Test
    void ignoresUnknownMembersOfOpenRecordsOnly() {
        assertEquals("k", bind("{\"other\":[{}],\"known\":\"k\"}", Loose.class).known());
    }

    @Test
    void letsARecordRefuseItsValues() {
        assertEquals("at root: must be even", problems("{\"even\":3}", Picky.class));
    }

    @Test
    void stopsCountingProblemsSomewhere() {
        var many = new StringBuilder("{");
        for (int i = 0; i < 1000; i++) {
            many.append("\"u").append(i).append("\":1,");
        }
        BindException e = assertThrows(BindException.class, () -> bind(many + "\"x\":1}", Inner.class));
        assertEquals(20, e.problems().size());
    }

    @Test
    void writesWithoutWhatIsAbsentAndWithNullsOfMaps() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("none", null);
        map.put("inner", new Inner(1, null));
        map.put("json", Json.of(List.of("a", 2)));
        assertEquals("{\"none\":null,\"inner\":{\"x\":1},\"json\":[\"a\",2]}", codec.encode(map).toString());
        assertEquals("\"***\"", codec.encode(new Secret("x")).toString());
        map.put("itself", map);
        assertThrows(IllegalArgumentException.class, () -> codec.encode(map));
    }

    @Test
    void escapesWhatJsonMustNotHold() {
        String odd = "a\"b\\c\n\u0001é😀";
        String written = new String(new JsonBuffer(4).text(odd).toBytes(), StandardCharsets.UTF_8);
        assertEquals(new Json.Text(odd), JsonCodec.read(JsonText.of(written)));
    }

    @Test
    void readsJson5() {
        Json value = JsonReader.JSON5.read(JsonText.of("""
                // comment
                { bare: 'single', hex: 0x1F, "trailing": [1, 2,], plus: +1, half: .5, /* more */ }"""));
        assertEquals("single", value.text("bare").orElse(""));
        assertEquals(31L, value.whole("hex").orElse(0L));
        assertEquals(2, value.items("trailing").size());
    }

    @Test
    void readsYaml12() {
        Json value = JsonReader.YAML.read(JsonText.of("a: {b: [1, two]}\non: yes\n"));
        assertEquals("yes", value.text("on").orElse(""), "YAML 1.2 has no booleans but true and false");
        assertEquals(2, value.at("a").orElseThrow().items("b").size());
    }

    @Test
    void saysWhereATextIsMalformed() {
        String message = Refused.with(IllegalArgumentException.class,
                () -> JsonReader.JSON5.read(JsonText.of("{\n  a: ]\n}")));
        assertTrue(message.contains("line 2"), message);
        assertTrue(Refused.with(IllegalArgumentException.class, () -> JsonCodec.read(JsonText.of("{} {}")))
                .contains("more than one value"));
    }

    @Test
    void neverShowsASecretThatIsNoText() {
        assertEquals(List.of("token: must be string"), assertThrows(BindException.class,
                () -> bind("{\"token\":12345}", Hidden.class)).problems().stream().map(Problem::forPerson).toList());
    }

    record Hidden(Secret token) {}

    record Anything(Json any) {}

    @Test
    void countsANumberThatIsTooLargeAsAMistakeOfTheText() {
        assertTrue(
                problems("{\"any\":1e99999999999}", Anything.class).startsWith("at root: 1e99999999999 is no number"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{a: 1, a: 2}", "{a: NaN}", "{a: -Infinity}", "{a: 1e99999999999}"})
    void refusesWhatCanBeMeantInTwoWaysOrInNone(String json5) {
        assertThrows(IllegalArgumentException.class, () -> JsonReader.JSON5.read(JsonText.of(json5)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: 1\na: 2", "a: &x {b: 1}\nc: *x", "a: .nan\nb: [", "a: 1\n---\nb: 2"})
    void refusesYamlThatMeansAnotherThingThanItSays(String yaml) {
        assertThrows(IllegalArgumentException.class, () -> JsonReader.YAML.read(JsonText.of(yaml)));
    }

    @Test
    void bearsBombsOfAliasesAndOfDepth() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        assertThrows(IllegalArgumentException.class, () -> JsonReader.YAML.read(JsonText.of(bomb.toString())));
        for (JsonReader reader : JsonReader.values()) {
            assertThrows(IllegalArgumentException.class, () -> reader.read(JsonText.of("[".repeat(100_000))));
        }
    }
}
