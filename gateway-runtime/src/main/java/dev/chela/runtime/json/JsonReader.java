package dev.chela.runtime.json;

import java.io.InputStream;

import dev.chela.api.json.Json;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.dataformat.yaml.YAMLFactory;

/// Reads whole texts of one notation as JSON values.
public enum JsonReader {

    /// Strict JSON.
    JSON {
        @Override
        TokenStreamFactory factory() {
            return JsonCodec.FACTORY;
        }
    },

    /// JSON5: comments, single quotes, bare names, trailing commas, hexadecimal numbers.
    JSON5 {
        @Override
        TokenStreamFactory factory() {
            return Json5.FACTORY;
        }
    },

    /// YAML 1.2, one document.
    YAML {
        @Override
        TokenStreamFactory factory() {
            return Yaml.FACTORY;
        }
    };

    /// Made at first use: a gateway without such a file never pays for it.
    private static final class Json5 {

        static final JsonFactory FACTORY = JsonFactory.builder().streamReadConstraints(JsonCodec.CONSTRAINTS)
                .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_SINGLE_QUOTES,
                        JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES, JsonReadFeature.ALLOW_TRAILING_COMMA,
                        JsonReadFeature.ALLOW_HEXADECIMAL_NUMBERS, JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS,
                        JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS,
                        JsonReadFeature.ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS,
                        JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS,
                        JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER,
                        JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
    }

    private static final class Yaml {

        static final YAMLFactory FACTORY = YAMLFactory.builder().streamReadConstraints(JsonCodec.CONSTRAINTS)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    }

    abstract TokenStreamFactory factory();

    /// Reads one value and nothing after it; an empty text is null.
    ///
    /// @throws IllegalArgumentException saying what is wrong and where
    public Json read(InputStream in) {
        try (JsonParser parser = factory().createParser(ObjectReadContext.empty(), in)) {
            return whole(parser);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(reason(e), e);
        }
    }

    /// Reads one value and nothing after it.
    ///
    /// @throws IllegalArgumentException saying what is wrong and where
    public Json read(JsonText text) {
        try (JsonParser parser = factory().createParser(ObjectReadContext.empty(), text.bytes(), text.from(),
                text.length())) {
            return whole(parser);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(reason(e), e);
        }
    }

    private static Json whole(JsonParser parser) {
        JsonToken first = parser.nextToken();
        Json value = first == null ? Json.Null.VALUE : JsonTrees.read(parser);
        end(parser);
        return value;
    }

    /// Nothing may come behind a value.
    static void end(JsonParser parser) {
        if (parser.nextToken() != null) {
            throw new IllegalArgumentException("more than one value, at " + place(parser.currentTokenLocation()));
        }
    }

    static String reason(JacksonException e) {
        String message = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
        TokenStreamLocation location = e.getLocation();
        return location == null ? message : message + ", at " + place(location);
    }

    static String place(TokenStreamLocation location) {
        return "line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
