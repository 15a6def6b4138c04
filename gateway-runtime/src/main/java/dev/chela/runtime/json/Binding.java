package dev.chela.runtime.json;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.chela.api.config.Secret;
import dev.chela.api.json.Json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// One walk over a JSON text that makes a record of it and notes everything that does not fit.
final class Binding {

    private static final int MAX_PROBLEMS = 20;
    private static final int MAX_FOUND = 60;

    private final JsonParser parser;
    private final List<Problem> problems = new ArrayList<>();
    private final Deque<String> path = new ArrayDeque<>();

    Binding(JsonParser parser) {
        this.parser = parser;
    }

    /// Binds the value the parser stands before.
    Object bind(Shape.Fields shape) {
        parser.nextToken();
        Object value = read(shape);
        if (!problems.isEmpty() || value == null) {
            throw new BindException(problems);
        }
        return value;
    }

    private @Nullable Object read(Shape shape) {
        return switch (shape) {
            case Shape.Text text -> text(text);
            case Shape.Whole whole -> whole(whole);
            case Shape.Decimal _ -> parser.currentToken().isNumeric() ? parser.getDoubleValue() : wrong("number");
            case Shape.Flag _ -> parser.currentToken().isBoolean() ? parser.getBooleanValue() : wrong("boolean");
            case Shape.Any _ -> JsonTrees.read(parser);
            case Shape.Items items -> items(items);
            case Shape.Table table -> table(table);
            case Shape.Fields fields -> fields(fields);
        };
    }

    private @Nullable Object text(Shape.Text shape) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            return shape.secret() ? wrongSecret() : wrong("string");
        }
        String value = JsonText.wellFormed(parser.getString());
        if (value.length() < shape.min()) {
            problem("must not have fewer than " + shape.min() + " characters", null);
        } else if (value.length() > shape.max()) {
            problem("must not have more than " + shape.max() + " characters", null);
        } else if (!shape.oneOf().isEmpty() && !shape.oneOf().contains(value)) {
            problem("must be equal to one of the allowed values", quoted(value));
        }
        return shape.secret() ? new Secret(value) : value;
    }

    private @Nullable Object whole(Shape.Whole shape) {
        JsonToken token = parser.currentToken();
        double value = token.isNumeric() ? parser.getDoubleValue() : Double.NaN;
        if (value != Math.rint(value)) {
            return wrong("integer");
        }
        if (value < shape.min()) {
            return problem("must be >= " + shape.min(), parser.getString());
        } else if (value > shape.max()) {
            return problem("must be <= " + shape.max(), parser.getString());
        }
        boolean fits = token == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        long exact = fits ? parser.getLongValue() : (long) value;
        if (shape.type() == Integer.class) {
            return (int) exact;
        }
        return exact;
    }

    private @Nullable Object items(Shape.Items shape) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return wrong("array");
        }
        List<Object> items = new ArrayList<>();
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            path.addLast(Integer.toString(i));
            Object item = read(shape.item());
            path.removeLast();
            if (item != null) {
                items.add(item);
            }
        }
        if (items.size() < shape.min()) {
            problem("must not have fewer than " + shape.min() + " items", null);
        } else if (items.size() > shape.max()) {
            problem("must not have more than " + shape.max() + " items", null);
        }
        return Collections.unmodifiableList(items);
    }

    private @Nullable Object table(Shape.Table shape) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return wrong("object");
        }
        Map<String, Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            path.addLast(name);
            Object value = read(shape.value());
            path.removeLast();
            if (value != null) {
                members.put(name, value);
            }
        }
        return Collections.unmodifiableMap(members);
    }

    private @Nullable Object fields(Shape.Fields shape) {
        if (shape.shorthand() != null && parser.currentToken() == JsonToken.VALUE_STRING) {
            return shorthand(shape, shape.shorthand());
        } else if (parser.currentToken() != JsonToken.START_OBJECT) {
            return wrong("object");
        }
        @Nullable
        Object[] values = new Object[shape.fields().size()];
        int before = problems.size();
        Map<String, Json> rest = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            member(shape, values, rest);
        }
        if (shape.rest() >= 0) {
            values[shape.rest()] = Collections.unmodifiableMap(rest);
        }
        for (int i = 0; i < values.length; i++) {
            Shape.Field field = shape.fields().get(i);
            if (values[i] == null && field.required() && !noted(field.name(), before)) {
                problem("must have required property '" + field.name() + "'", null);
            }
        }
        return problems.size() > before ? null : make(shape, values);
    }

    private void member(Shape.Fields shape, @Nullable Object[] values, Map<String, Json> rest) {
        String name = parser.currentName();
        Integer at = shape.index().get(name);
        JsonToken token = parser.nextToken();
        if (at == null && shape.rest() >= 0) {
            rest.put(name, JsonTrees.read(parser));
        } else if (at == null) {
            parser.skipChildren();
            if (!shape.open()) {
                problem("unexpected property '" + name + "'", null);
            }
        } else if (token != JsonToken.VALUE_NULL || shape.fields().get(at).shape() instanceof Shape.Any) {
            path.addLast(name);
            values[at] = read(shape.fields().get(at).shape());
            path.removeLast();
        }
    }

    /// A member that is there but wrong was named already.
    private boolean noted(String name, int since) {
        String pointer = pointer() + "/" + name;
        return problems.stream().skip(since).anyMatch(problem -> problem.pointer().startsWith(pointer));
    }

    private @Nullable Object shorthand(Shape.Fields shape, String name) {
        int at = Objects.requireNonNull(shape.index().get(name));
        @Nullable
        Object[] values = new Object[shape.fields().size()];
        int before = problems.size();
        values[at] = read(shape.fields().get(at).shape());
        return problems.size() > before ? null : make(shape, values);
    }

    private @Nullable Object make(Shape.Fields shape, @Nullable Object[] values) {
        try {
            return shape.constructor().newInstance(values);
        } catch (InvocationTargetException e) {
            return problem(e.getCause() instanceof IllegalArgumentException cause
                    ? String.valueOf(cause.getMessage())
                    : "cannot be used: " + e.getCause(), null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make " + shape.constructor(), e);
        }
    }

    private @Nullable Object wrong(String expected) {
        JsonToken token = parser.currentToken();
        String found = switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> quoted(parser.getString());
            default -> parser.getString();
        };
        parser.skipChildren();
        return problem("must be " + expected, found);
    }

    /// A password of digits only is still a password.
    private @Nullable Object wrongSecret() {
        parser.skipChildren();
        return problem("must be string", null);
    }

    private static String quoted(String value) {
        String shown = value.length() > MAX_FOUND ? value.substring(0, MAX_FOUND) + "…" : value;
        return '"' + shown + '"';
    }

    private @Nullable Object problem(String rule, @Nullable String found) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(new Problem(pointer(), rule, found));
        }
        return null;
    }

    private String pointer() {
        var pointer = new StringBuilder();
        for (Iterator<String> names = path.iterator(); names.hasNext();) {
            pointer.append('/').append(names.next());
        }
        return pointer.toString();
    }
}
