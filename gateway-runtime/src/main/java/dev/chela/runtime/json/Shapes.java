package dev.chela.runtime.json;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.chela.api.config.Secret;
import dev.chela.api.json.Bounds;
import dev.chela.api.json.Json;
import dev.chela.api.json.Name;
import dev.chela.api.json.OneOf;
import dev.chela.api.json.Open;
import dev.chela.api.json.Rest;

import org.jspecify.annotations.Nullable;

/// Derives shapes from records and remembers them. One per plugin generation, so that none outlives its classes.
public final class Shapes {

    private final Map<Class<?>, Shape.Fields> known = new ConcurrentHashMap<>();

    /// The shape of a record.
    ///
    /// @throws IllegalArgumentException naming the component whose type has no JSON form
    public Shape.Fields of(Class<? extends Record> type) {
        Shape.Fields fields = known.get(type);
        if (fields == null) {
            fields = derive(type);
            known.put(type, fields);
        }
        return fields;
    }

    private Shape.Fields derive(Class<? extends Record> type) {
        List<Shape.Field> fields = new ArrayList<>();
        Map<String, Integer> index = new LinkedHashMap<>();
        int rest = -1;
        for (RecordComponent component : type.getRecordComponents()) {
            Shape.Field field = field(type, component);
            if (component.isAnnotationPresent(Rest.class)) {
                rest = rest(field, rest, fields.size());
            } else {
                index.put(field.name(), fields.size());
            }
            fields.add(field);
        }
        Shorthand shorthand = type.getAnnotation(Shorthand.class);
        return new Shape.Fields(constructor(type), List.copyOf(fields), index, type.isAnnotationPresent(Open.class),
                rest,
                shorthand == null ? null : shorthand.value());
    }

    private static int rest(Shape.Field field, int before, int place) {
        if (before >= 0 || !(field.shape() instanceof Shape.Table(Shape.Any _))) {
            throw new IllegalArgumentException("component '" + field.name()
                    + "' cannot take the rest: that is one Map<String, Json>");
        }
        return place;
    }

    private static Constructor<?> constructor(Class<?> type) {
        try {
            Class<?>[] components = Arrays.stream(type.getRecordComponents()).map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            Constructor<?> constructor = type.getDeclaredConstructor(components);
            constructor.setAccessible(true);
            return constructor;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("a record without its constructor: " + type.getName(), e);
        }
    }

    private Shape.Field field(Class<?> owner, RecordComponent component) {
        AnnotatedType annotated = component.getAnnotatedType();
        boolean required = !annotated.isAnnotationPresent(Nullable.class);
        Name name = component.getAnnotation(Name.class);
        try {
            Shape shape = shape(component.getGenericType(), new Rules(component, required));
            return new Shape.Field(name == null ? component.getName() : name.value(), shape, required);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("component '" + component.getName() + "' of " + owner.getName() + ": "
                    + e.getMessage(), e);
        }
    }

    /// What the annotations of a component say; handed down to the items of a list.
    private record Rules(@Nullable Bounds bounds, @Nullable OneOf oneOf, boolean required) {

        Rules(RecordComponent component, boolean required) {
            this(component.getAnnotation(Bounds.class), component.getAnnotation(OneOf.class), required);
        }

        long min(long otherwise) {
            return bounds == null || bounds.min() == Long.MIN_VALUE ? otherwise : bounds.min();
        }

        long max(long otherwise) {
            return bounds == null || bounds.max() == Long.MAX_VALUE ? otherwise : bounds.max();
        }

        Rules ofItem() {
            return new Rules(null, oneOf, true);
        }

        List<String> choices() {
            return oneOf == null ? List.of() : List.of(oneOf.value());
        }
    }

    private Shape shape(Type type, Rules rules) {
        if (type instanceof ParameterizedType generic) {
            return container(generic, rules);
        } else if (type == String.class || type == Secret.class) {
            long min = rules.min(rules.required() ? 1 : 0);
            return new Shape.Text(min, rules.max(Integer.MAX_VALUE), rules.choices(), type == Secret.class);
        } else if (type == int.class || type == Integer.class) {
            return new Shape.Whole(Integer.class, rules.min(Integer.MIN_VALUE), rules.max(Integer.MAX_VALUE));
        } else if (type == long.class || type == Long.class) {
            return new Shape.Whole(Long.class, rules.min(Long.MIN_VALUE), rules.max(Long.MAX_VALUE));
        } else if (type == double.class || type == Double.class) {
            return new Shape.Decimal();
        } else if (type == boolean.class || type == Boolean.class) {
            return new Shape.Flag();
        } else if (type == Json.class) {
            return new Shape.Any();
        } else if (type instanceof Class<?> raw && raw.isRecord()) {
            return of(raw.asSubclass(Record.class));
        }
        throw new IllegalArgumentException("no JSON form for " + type.getTypeName());
    }

    private Shape container(ParameterizedType generic, Rules rules) {
        Type[] arguments = generic.getActualTypeArguments();
        if (generic.getRawType() == List.class) {
            return new Shape.Items(shape(arguments[0], rules.ofItem()), rules.min(0), rules.max(Integer.MAX_VALUE));
        } else if (generic.getRawType() == Map.class && arguments[0] == String.class) {
            return new Shape.Table(shape(arguments[1], rules.ofItem()));
        }
        throw new IllegalArgumentException("no JSON form for " + generic.getTypeName());
    }
}
