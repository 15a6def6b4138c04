package dev.chela.runtime.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamConstraintsException;

/// Reads the top level of a JSON object without building its values; the rest is checked and skipped.
public final class Members {

    /// Takes the members of an object as they come.
    public interface Visitor {

        /// A member whose value is a string.
        void text(String name, String value);

        /// A member with any other value.
        void other(String name, JsonText value);
    }

    /// What a text turned out to be.
    public enum Kind {
        /// An object; its members were visited.
        OBJECT,
        /// Well-formed, but no object.
        OTHER,
        /// Not JSON.
        MALFORMED,
        /// Nested too deep, or a name or number that is too long; what came before was visited.
        EXCESSIVE
    }

    private Members() {}

    /// Visits the members of the one object that these bytes hold.
    ///
    /// @param skippedText the member whose value is handed over as [JsonText] even if it is a string
    public static Kind visit(byte[] bytes, @Nullable String skippedText, Visitor visitor) {
        try (JsonParser parser = JsonCodec.FACTORY.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length)) {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                if (first == null) {
                    return Kind.MALFORMED;
                }
                parser.skipChildren();
                return parser.nextToken() == null ? Kind.OTHER : Kind.MALFORMED;
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                visitMember(parser, bytes, skippedText, visitor);
            }
            return parser.nextToken() == null ? Kind.OBJECT : Kind.MALFORMED;
        } catch (StreamConstraintsException e) {
            return Kind.EXCESSIVE;
        } catch (JacksonException e) {
            return Kind.MALFORMED;
        }
    }

    private static void visitMember(JsonParser parser, byte[] bytes, @Nullable String skippedText, Visitor visitor) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_STRING && !name.equals(skippedText)) {
            visitor.text(name, parser.getString());
            return;
        }
        int from = (int) parser.currentTokenLocation().getByteOffset();
        if (token.isStructStart()) {
            parser.skipChildren();
        } else {
            parser.finishToken();
        }
        int to = (int) parser.currentLocation().getByteOffset();
        visitor.other(name, new JsonText(bytes, from, to));
    }
}
