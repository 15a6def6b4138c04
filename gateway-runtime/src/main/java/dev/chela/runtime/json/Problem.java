package dev.chela.runtime.json;

import org.jspecify.annotations.Nullable;

/// What is wrong with one place of a JSON text.
///
/// @param pointer where: empty for the root, else `/a/b`
/// @param rule what was expected, such as `must be string`
/// @param found what is there, short; null if it doesn't matter
public record Problem(String pointer, String rule, @Nullable String found) {

    /// The form official clients know: `at /client/id: must be string`.
    public String forClient() {
        if (!pointer.isEmpty()) {
            return "at " + pointer + ": " + rule;
        }
        return rule.startsWith("must have") ? rule : "at root: " + rule;
    }

    /// The form for a person who wrote a file: `gateway.port: must be integer, found "abc"`.
    public String forPerson() {
        String path = pointer.isEmpty() ? "<root>" : pointer.substring(1).replace('/', '.');
        return path + ": " + rule + (found == null ? "" : ", found " + found);
    }
}
