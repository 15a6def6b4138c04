package dev.chela.runtime.json;

import java.io.InputStream;
import java.util.List;

import dev.chela.api.config.Secret;
import dev.chela.api.json.Json;
import dev.chela.api.json.JsonTexts;
import dev.chela.api.session.SessionKey;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/// Binds JSON to records and writes values as JSON. Safe for all threads.
///
/// One per plugin generation: a mapper remembers every class it has written, and with it the class's loader.
public final class JsonCodec implements JsonTexts {

    /// How deep values may be nested.
    public static final int MAX_DEPTH = 64;
    /// How long names may be, in bytes.
    public static final int MAX_NAME = 8192;
    /// How many digits numbers may have.
    public static final int MAX_NUMBER = 1000;

    /// How long a text may get that nobody else bounds.
    private static final int MAX_BYTES = 256 << 20;

    static final StreamReadConstraints CONSTRAINTS = StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH)
            .maxStringLength(32 << 20).maxNameLength(MAX_NAME).maxNumberLength(MAX_NUMBER).build();

    /// Bytes are UTF-8 and nothing else: a guess at UTF-16 would let a stranger choose how they are read.
    static final JsonFactory FACTORY = JsonFactory.builder().streamReadConstraints(CONSTRAINTS)
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION).build();

    private final Shapes shapes = new Shapes();
    private volatile @Nullable JsonMapper mapper;

    /// Binds a whole JSON text to a record.
    ///
    /// @throws BindException naming everything that does not fit
    public <R extends Record> R bind(JsonText text, Class<R> type) {
        Shape.Fields shape = shapes.of(type);
        if (shape.open() && shape.fields().isEmpty()) {
            text = JsonText.EMPTY;
        }
        try (var parser = FACTORY.createParser(ObjectReadContext.empty(), text.bytes(), text.from(), text.length())) {
            R bound = type.cast(new Binding(parser).bind(shape));
            JsonReader.end(parser);
            return bound;
        } catch (JacksonException e) {
            throw new BindException(List.of(new Problem("", "must be JSON: " + JsonReader.reason(e), null)));
        } catch (IllegalArgumentException e) {
            throw new BindException(List.of(new Problem("", String.valueOf(e.getMessage()), null)));
        }
    }

    /// Binds a value to a record.
    ///
    /// @throws BindException naming everything that does not fit
    public <R extends Record> R bind(Json value, Class<R> type) {
        return bind(encode(value), type);
    }

    /// Checks that a record has a JSON form at all.
    ///
    /// @throws IllegalArgumentException naming the component that has none
    public void check(Class<? extends Record> type) {
        shapes.of(type);
    }

    /// What a record looks like.
    ///
    /// @throws IllegalArgumentException naming the component that has no JSON form
    public Shape shape(Class<? extends Record> type) {
        return shapes.of(type);
    }

    /// The form of a record as a JSON schema.
    ///
    /// @throws IllegalArgumentException naming the component that has none
    public Json schema(Class<? extends Record> type) {
        return Schemas.of(shapes.of(type));
    }

    /// Writes a record, map, list, string, number, boolean, [Json], [JsonText] or null.
    ///
    /// Components that are null or empty optionals are left out; null values of maps stay.
    ///
    /// @throws IllegalArgumentException if it has no JSON form
    public JsonText encode(@Nullable Object value) {
        return encode(value, MAX_BYTES);
    }

    /// Writes the same, but no more than so many bytes.
    ///
    /// @throws TooLargeException if it has more
    /// @throws IllegalArgumentException if it has no JSON form
    public JsonText encode(@Nullable Object value, int max) {
        JsonText text = value instanceof JsonText known ? known : value == null ? JsonText.NULL : write(value, max);
        if (text.length() > max) {
            throw new TooLargeException(max);
        }
        return text;
    }

    private JsonText write(Object value, int max) {
        var out = new BoundedBytes(max);
        try {
            mapper().writeValue(out, value);
            return out.text();
        } catch (JacksonException e) {
            if (out.isFull()) {
                throw new TooLargeException(max);
            }
            throw new IllegalArgumentException("no JSON form: " + e.getOriginalMessage(), e);
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException("no JSON form: it is nested too deeply", e);
        }
    }

    @Override
    public Json read(String text) {
        return read(JsonText.of(text));
    }

    @Override
    public <R extends Record> R read(String text, Class<R> type) {
        try {
            return bind(JsonText.of(text), type);
        } catch (BindException e) {
            throw new IllegalArgumentException(e.forClient(), e);
        }
    }

    /// Half a surrogate pair, which people's messages may hold, has a JSON text, but none in UTF-8.
    @Override
    public String write(@Nullable Object value) {
        try {
            return mapper().writeValueAsString(value);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("no JSON form: " + e.getOriginalMessage(), e);
        }
    }

    /// Reads strict JSON of any shape.
    ///
    /// @throws IllegalArgumentException saying what is wrong and where
    public static Json read(InputStream in) {
        return JsonReader.JSON.read(in);
    }

    /// Reads strict JSON of any shape.
    ///
    /// @throws IllegalArgumentException saying what is wrong and where
    public static Json read(JsonText text) {
        return JsonReader.JSON.read(text);
    }

    /// Nothing is lost if two threads make one each.
    private JsonMapper mapper() {
        JsonMapper made = mapper;
        if (made == null) {
            made = JsonMapper.builder(FACTORY).addModule(values())
                    .changeDefaultPropertyInclusion(
                            inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
                    .changeDefaultVisibility(
                            seen -> seen.withIsGetterVisibility(JsonAutoDetect.Visibility.NONE))
                    .build();
            mapper = made;
        }
        return made;
    }

    private static SimpleModule values() {
        var module = new SimpleModule();
        module.addSerializer(new Writer<>(Json.class, (json, out, context) -> out.writePOJO(json.plain())));
        module.addSerializer(new Writer<>(JsonText.class, (text, out, context) -> out.writeRawValue(text.toString())));
        module.addSerializer(new Writer<>(SessionKey.class, (key, out, context) -> out.writeString(key.toString())));
        module.addSerializer(new Writer<>(Secret.class, (secret, out, context) -> out.writeString("***")));
        return module;
    }

    private interface Write<T> {

        void write(T value, JsonGenerator out, SerializationContext context);
    }

    private static final class Writer<T> extends StdSerializer<T> {

        private final Write<T> write;

        Writer(Class<T> type, Write<T> write) {
            super(type);
            this.write = write;
        }

        @Override
        public void serialize(T value, JsonGenerator out, SerializationContext context) {
            write.write(value, out, context);
        }
    }
}
