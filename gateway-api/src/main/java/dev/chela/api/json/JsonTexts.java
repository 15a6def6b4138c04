package dev.chela.api.json;

import org.jspecify.annotations.Nullable;

/// Reads and writes JSON text, so that no plugin needs a library for it. Safe for all threads.
///
/// Strict JSON only; values may be nested 64 deep.
public interface JsonTexts {

    /// Reads one value of any shape; an empty text is `null`.
    ///
    /// @throws IllegalArgumentException saying what is wrong and where
    Json read(String text);

    /// Reads one value into a record, under the rules that hold for the params of methods.
    ///
    /// @throws IllegalArgumentException saying what is wrong and where, or naming each member that does not fit
    <R extends Record> R read(String text, Class<R> type);

    /// Writes a value in one line. Components of records that are null or empty are left out.
    ///
    /// @param value a record, map, list, string, number, boolean, [Json] or null, nested at will
    /// @throws IllegalArgumentException if it has no JSON form
    String write(@Nullable Object value);
}
