package dev.chela.api.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/// A JSON value of any shape, for data whose form a plugin does not fix. Immutable; safe for all threads.
///
/// Where the form is known, use a record instead: the gateway then binds and checks it.
public sealed interface Json {

    /// An object; its members keep the order in which they were written.
    record Obj(Map<String, Json> members) implements Json {

        /// Copies the members.
        public Obj {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }
    }

    /// An array.
    record Arr(List<Json> items) implements Json {

        /// Copies the items.
        public Arr {
            items = List.copyOf(items);
        }
    }

    /// A string.
    record Text(String value) implements Json {}

    /// A number, exact.
    record Num(BigDecimal value) implements Json {}

    /// `true` or `false`.
    record Bool(boolean value) implements Json {}

    /// The value `null`.
    enum Null implements Json {
        /// The only one.
        VALUE
    }

    /// Turns plain Java values into JSON.
    ///
    /// @param value null, a [Json], string, boolean, number, map with string keys or collection, nested at will
    /// @throws IllegalArgumentException for anything else, naming its class
    static Json of(@Nullable Object value) {
        if (value == null) {
            return Null.VALUE;
        } else if (value instanceof Json json) {
            return json;
        } else if (value instanceof CharSequence text) {
            return new Text(text.toString());
        } else if (value instanceof Boolean flag) {
            return new Bool(flag);
        } else if (value instanceof Number number) {
            return new Num(new BigDecimal(number.toString()));
        } else if (value instanceof Map<?, ?> map) {
            Map<String, Json> members = new LinkedHashMap<>();
            map.forEach((key, member) -> members.put(String.valueOf(key), of(member)));
            return new Obj(members);
        } else if (value instanceof Collection<?> collection) {
            List<Json> items = new ArrayList<>();
            collection.forEach(item -> items.add(of(item)));
            return new Arr(items);
        }
        throw new IllegalArgumentException("not a JSON value: " + value.getClass().getName());
    }

    /// The member of that name, if this is an object that has it and it is not `null`.
    default Optional<Json> at(String member) {
        return this instanceof Obj obj
                ? Optional.ofNullable(obj.members().get(member)).filter(value -> !(value instanceof Null))
                : Optional.empty();
    }

    /// The string member of that name, if there is one.
    default Optional<String> text(String member) {
        return at(member).filter(Text.class::isInstance).map(value -> ((Text) value).value());
    }

    /// The number member of that name, if there is one; fractions are cut off.
    default Optional<Long> whole(String member) {
        return at(member).filter(Num.class::isInstance).map(value -> ((Num) value).value().longValue());
    }

    /// The boolean member of that name, if there is one.
    default Optional<Boolean> flag(String member) {
        return at(member).filter(Bool.class::isInstance).map(value -> ((Bool) value).value());
    }

    /// The items of the array member of that name; empty if there is none.
    default List<Json> items(String member) {
        return at(member).filter(Arr.class::isInstance).map(value -> ((Arr) value).items()).orElse(List.of());
    }

    /// The same value as maps, lists, strings, numbers, booleans and null.
    default @Nullable Object plain() {
        if (this instanceof Obj obj) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            obj.members().forEach((key, value) -> map.put(key, value.plain()));
            return map;
        } else if (this instanceof Arr arr) {
            List<@Nullable Object> list = new ArrayList<>();
            arr.items().forEach(item -> list.add(item.plain()));
            return list;
        } else if (this instanceof Text text) {
            return text.value();
        } else if (this instanceof Num num) {
            return num.value();
        }
        return this instanceof Bool bool ? bool.value() : null;
    }
}
