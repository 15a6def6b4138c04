package dev.chela.plugin.mcp;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

import dev.chela.api.json.Json;
import dev.chela.api.json.JsonTexts;

import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import org.jspecify.annotations.Nullable;

/// JSON for the SDK by the gateway's own reader, instead of a library for it that would be larger than all the rest: makes
/// the records of the protocol and writes them, as their annotations say.
final class SchemaJson implements McpJsonMapper {

    private static final BigDecimal INT = BigDecimal.valueOf(Integer.MAX_VALUE);
    private static final BigDecimal LONG = BigDecimal.valueOf(Long.MAX_VALUE);

    private final JsonTexts texts;
    private final Map<Class<?>, RecordForm> forms = new ConcurrentHashMap<>();

    SchemaJson(JsonTexts texts) {
        this.texts = texts;
    }

    // ---- reading ----

    @Override
    public <T> T readValue(String content, Class<T> type) throws IOException {
        return type.cast(read(content, type));
    }

    @Override
    public <T> T readValue(byte[] content, Class<T> type) throws IOException {
        return readValue(new String(content, StandardCharsets.UTF_8), type);
    }

    @Override
    @SuppressWarnings("unchecked") // it is made after the type
    public <T> T readValue(String content, TypeRef<T> type) throws IOException {
        return (T) read(content, type.getType());
    }

    @Override
    public <T> T readValue(byte[] content, TypeRef<T> type) throws IOException {
        return readValue(new String(content, StandardCharsets.UTF_8), type);
    }

    @Override
    public <T> T convertValue(Object from, Class<T> type) {
        return type.cast(converted(from, type));
    }

    @Override
    @SuppressWarnings("unchecked") // it is made after the type
    public <T> T convertValue(Object from, TypeRef<T> type) {
        return (T) converted(from, type.getType());
    }

    private Object read(String content, Type type) throws IOException {
        try {
            return converted(texts.read(content), type);
        } catch (IllegalArgumentException e) {
            throw new IOException("it is no JSON of the protocol: " + e.getMessage(), e);
        }
    }

    private Object converted(@Nullable Object from, Type type) {
        return Objects.requireNonNull(bind(tree(from), type), "null where the protocol has a value");
    }

    private @Nullable Object bind(Json value, Type type) {
        if (value instanceof Json.Null) {
            return null;
        } else if (type == Object.class) {
            return plain(value);
        } else if (type instanceof ParameterizedType generic) {
            return container(value, generic);
        } else if (type instanceof Class<?> raw) {
            return bind(value, raw);
        }
        throw new IllegalArgumentException("no form for " + type.getTypeName());
    }

    private @Nullable Object bind(Json value, Class<?> type) {
        if (type.isEnum()) {
            return RecordForm.constant(type, value);
        } else if (type == String.class && value instanceof Json.Text text) {
            return text.value();
        } else if (type == Boolean.class && value instanceof Json.Bool flag) {
            return flag.value();
        } else if (Number.class.isAssignableFrom(type) && value instanceof Json.Num number) {
            return number(number.value(), type);
        } else if (value instanceof Json.Obj object && (type.isRecord() || type.isInterface())) {
            RecordForm form = forms.computeIfAbsent(RecordForm.concrete(type, object), RecordForm::of);
            List<@Nullable Object> values = new ArrayList<>();
            form.members().forEach(member -> values.add(bind(object.members().getOrDefault(member.name(),
                    Json.Null.VALUE), member.type())));
            return form.make(values);
        }
        throw new IllegalArgumentException("a " + type.getSimpleName() + " cannot be made of "
                + value.getClass().getSimpleName());
    }

    private Object container(Json value, ParameterizedType type) {
        Type[] arguments = type.getActualTypeArguments();
        if (type.getRawType() == List.class && value instanceof Json.Arr(List<Json> items)) {
            List<Object> all = new ArrayList<>();
            for (Json item : items) {
                Object one = bind(item, arguments[0]);
                if (one != null) {
                    all.add(one);
                }
            }
            return all;
        } else if (type.getRawType() instanceof Class<?> raw && raw.isAssignableFrom(LinkedHashMap.class)
                && value instanceof Json.Obj(Map<String, Json> members)) {
            Map<String, @Nullable Object> all = new LinkedHashMap<>();
            members.forEach((name, member) -> all.put(name, bind(member, arguments[1])));
            return all;
        }
        throw new IllegalArgumentException("a " + type.getTypeName() + " cannot be made of "
                + value.getClass().getSimpleName());
    }

    private static Object number(BigDecimal value, Class<?> type) {
        if (type == Integer.class) {
            return value.intValue();
        } else if (type == Long.class) {
            return value.longValue();
        }
        return type == Double.class ? (Object) value.doubleValue() : whole(value);
    }

    /// The protocol's ids are integers of the smallest type that holds them.
    private static Object whole(BigDecimal value) {
        boolean whole = value.precision() - value.scale() <= LONG.precision()
                && value.stripTrailingZeros().scale() <= 0;
        if (whole && value.abs().compareTo(INT) <= 0) {
            return value.intValue();
        }
        return whole && value.abs().compareTo(LONG) <= 0 ? (Object) value.longValue() : value;
    }

    private @Nullable Object plain(Json value) {
        return switch (value) {
            case Json.Obj(Map<String, Json> members) -> {
                Map<String, @Nullable Object> all = new LinkedHashMap<>();
                members.forEach((name, member) -> all.put(name, plain(member)));
                yield all;
            }
            case Json.Arr(List<Json> items) -> {
                List<@Nullable Object> all = new ArrayList<>();
                items.forEach(item -> all.add(plain(item)));
                yield all;
            }
            case Json.Num(BigDecimal number) -> whole(number);
            default -> value.plain();
        };
    }

    // ---- writing ----

    @Override
    public String writeValueAsString(Object value) throws IOException {
        try {
            return texts.write(tree(value));
        } catch (IllegalArgumentException e) {
            throw new IOException("it has no form in JSON: " + e.getMessage(), e);
        }
    }

    @Override
    public byte[] writeValueAsBytes(Object value) throws IOException {
        return writeValueAsString(value).getBytes(StandardCharsets.UTF_8);
    }

    /// What is null is left out, as all records of the protocol want it.
    private Json tree(@Nullable Object value) {
        return switch (value) {
            case Json json -> json;
            case Record one -> {
                Map<String, Json> members = new LinkedHashMap<>();
                forms.computeIfAbsent(one.getClass(), RecordForm::of).values(one)
                        .forEach((name, member) -> members.put(name, tree(member)));
                yield new Json.Obj(members);
            }
            case Map<?, ?> map -> {
                Map<String, Json> members = new LinkedHashMap<>();
                map.forEach((name, member) -> members.put(String.valueOf(name), tree(member)));
                yield new Json.Obj(members);
            }
            case Collection<?> items -> new Json.Arr(items.stream().map(this::tree).toList());
            case Enum<?> constant -> new Json.Text(RecordForm.name(constant));
            case null, default -> Json.of(value);
        };
    }
}
