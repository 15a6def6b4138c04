package dev.chela.plugin.mcp;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.chela.api.json.Json;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/// How a record of the protocol is read and written: the part of Jackson's annotations that those records use.
///
/// @param maker makes one of its members: the static method that fills in what is missing, else the constructor
/// @param members in the order of the maker
/// @param shown what is written, by name
record RecordForm(Executable maker, List<Member> members, Map<String, Method> shown) {

    /// What a maker takes.
    record Member(String name, Type type) {}

    static RecordForm of(Class<?> type) {
        Executable maker = maker(type);
        maker.setAccessible(true);
        Map<String, Method> shown = new LinkedHashMap<>();
        for (RecordComponent component : type.getRecordComponents()) {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            JsonProperty property = accessor.getAnnotation(JsonProperty.class);
            shown.put(property == null ? component.getName() : property.value(), accessor);
        }
        List<Member> members = new ArrayList<>();
        List<String> names = List.copyOf(shown.keySet());
        Parameter[] parameters = maker.getParameters();
        for (int i = 0; i < parameters.length; i++) {
            JsonProperty property = parameters[i].getAnnotation(JsonProperty.class);
            members.add(new Member(property == null ? names.get(i) : property.value(),
                    parameters[i].getParameterizedType()));
        }
        return new RecordForm(maker, members, shown);
    }

    private static Executable maker(Class<?> type) {
        for (Method method : type.getDeclaredMethods()) {
            if (method.isAnnotationPresent(JsonCreator.class)) {
                return method;
            }
        }
        try {
            return type.getDeclaredConstructor(Arrays.stream(type.getRecordComponents()).map(RecordComponent::getType)
                    .toArray(Class<?>[]::new));
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("a record without its constructor: " + type.getName(), e);
        }
    }

    Object make(List<@Nullable Object> values) {
        try {
            @Nullable
            Object[] all = values.toArray();
            return maker instanceof Constructor<?> constructor
                    ? constructor.newInstance(all)
                    : Objects.requireNonNull(((Method) maker).invoke(null, all));
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(e.getCause() == null ? null : e.getCause().getMessage(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make " + maker, e);
        }
    }

    /// The members that are not null.
    Map<String, Object> values(Record of) {
        Map<String, Object> values = new LinkedHashMap<>();
        shown.forEach((name, accessor) -> {
            try {
                Object value = accessor.invoke(of);
                if (value != null) {
                    values.put(name, value);
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot read " + accessor, e);
            }
        });
        return values;
    }

    /// The record that an object is: the one its type is named after, else the first that has all members that tell the
    /// kinds apart.
    static Class<?> concrete(Class<?> type, Json.Obj object) {
        JsonSubTypes kinds = type.getAnnotation(JsonSubTypes.class);
        if (type.isRecord() || kinds == null) {
            return type;
        }
        JsonTypeInfo info = Objects.requireNonNull(type.getAnnotation(JsonTypeInfo.class));
        if (info.use() == JsonTypeInfo.Id.NAME) {
            String name = object.text(info.property()).orElse("");
            return Arrays.stream(kinds.value()).filter(kind -> kind.name().equals(name)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no " + type.getSimpleName() + " has the type '"
                            + name + "'"))
                    .value();
        }
        return Arrays.stream(kinds.value()).<Class<?>>map(JsonSubTypes.Type::value)
                .filter(kind -> of(kind).shown().keySet().containsAll(object.members().keySet())).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no " + type.getSimpleName() + " has the members "
                        + object.members().keySet()));
    }

    /// The constant that a text stands for; null for one that this version of the protocol does not know.
    static @Nullable Object constant(Class<?> type, Json value) {
        return Arrays.stream(type.getEnumConstants())
                .filter(one -> value instanceof Json.Text(String text) && text.equals(name((Enum<?>) one))).findFirst()
                .orElse(null);
    }

    static String name(Enum<?> constant) {
        try {
            JsonProperty property = constant.getDeclaringClass().getField(constant.name())
                    .getAnnotation(JsonProperty.class);
            return property == null ? constant.name() : property.value();
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("a constant without its field: " + constant, e);
        }
    }
}
