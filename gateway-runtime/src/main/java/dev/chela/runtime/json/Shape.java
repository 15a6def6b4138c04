package dev.chela.runtime.json;

import java.lang.reflect.Constructor;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// What a JSON value must look like to become a Java value; derived from a record by [Shapes].
public sealed interface Shape {

    /// A string.
    ///
    /// @param min shortest, in UTF-16 units
    /// @param max longest
    /// @param oneOf the only ones permitted; empty if any is
    /// @param secret whether it is kept as a secret
    record Text(long min, long max, List<String> oneOf, boolean secret) implements Shape {}

    /// A whole number.
    ///
    /// @param type the Java type, boxed
    record Whole(Class<?> type, long min, long max) implements Shape {}

    /// A number with a fraction.
    record Decimal() implements Shape {}

    /// True or false.
    record Flag() implements Shape {}

    /// Anything.
    record Any() implements Shape {}

    /// An array.
    record Items(Shape item, long min, long max) implements Shape {}

    /// An object whose member names are free.
    record Table(Shape value) implements Shape {}

    /// An object whose members are the components of a record.
    ///
    /// @param constructor makes the record
    /// @param fields in the record's order
    /// @param index where a member is in `fields`
    /// @param open whether other members are ignored
    /// @param rest the place in `fields` that takes all other members; -1 if there is none
    /// @param shorthand the member a bare string stands for
    record Fields(Constructor<?> constructor, List<Field> fields, Map<String, Integer> index, boolean open, int rest,
            @Nullable String shorthand) implements Shape {}

    /// A member of an object.
    record Field(String name, Shape shape, boolean required) {}
}
