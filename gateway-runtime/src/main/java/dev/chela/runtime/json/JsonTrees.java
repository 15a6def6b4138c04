package dev.chela.runtime.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.yaml.YAMLParser;

/// Reads JSON values of any shape.
final class JsonTrees {

    private JsonTrees() {}

    /// The value whose first token the parser stands on; leaves it on the last one.
    static Json read(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> new Json.Text(text(parser));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Json.Num(number(parser));
            case VALUE_TRUE, VALUE_FALSE -> new Json.Bool(parser.getBooleanValue());
            default -> Json.Null.VALUE;
        };
    }

    private static String text(JsonParser parser) {
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
            throw unusable(parser, "the alias *" + parser.getString() + " is not followed");
        }
        return parser.getString();
    }

    private static BigDecimal number(JsonParser parser) {
        try {
            return parser.isNaN() ? new BigDecimal(parser.getString()) : parser.getDecimalValue();
        } catch (NumberFormatException e) {
            throw unusable(parser, parser.getString() + " is no number");
        }
    }

    private static IllegalArgumentException unusable(JsonParser parser, String what) {
        return new IllegalArgumentException(what + ", at " + JsonReader.place(parser.currentTokenLocation()));
    }

    private static Json object(JsonParser parser) {
        Map<String, Json> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, read(parser));
        }
        return new Json.Obj(members);
    }

    private static Json array(JsonParser parser) {
        List<Json> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(read(parser));
        }
        return new Json.Arr(items);
    }
}
