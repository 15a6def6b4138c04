package dev.chela.api.agent;

/// What a tool tells the model.
///
/// @param text what it says
/// @param isError whether it could not be done
public record ToolResult(String text, boolean isError) {

    /// It was done.
    public static ToolResult of(String text) {
        return new ToolResult(text, false);
    }

    /// It could not be done.
    ///
    /// @param text tells the model why, and what to do instead
    public static ToolResult error(String text) {
        return new ToolResult(text, true);
    }
}
