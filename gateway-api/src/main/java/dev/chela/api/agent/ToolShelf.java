package dev.chela.api.agent;

import java.util.List;

/// Tools of a plugin that come and go while it runs. Safe for all threads, valid until the plugin is closed.
///
/// What is offered is called under the same rules as a tool that was registered for good. Turns see a change from their
/// next request to the model on; calls that are under way go on.
public interface ToolShelf {

    /// The most tools one shelf holds.
    int MAX_TOOLS = 500;

    /// Offers these tools from now on, instead of those offered before. Quick: nothing but memory is touched.
    ///
    /// Each is held to the rules of registered tools: its name, its description of 1 to 4096 characters, its schema of at
    /// most 64 KiB. One that breaks a rule, or whose name is taken, is left out and named in the log once; the others are
    /// offered. A tool registered for good comes before one on a shelf, an earlier shelf before a later one.
    ///
    /// @return why tools were left out, one sentence for each; empty if all are offered
    /// @throws IllegalStateException if the plugin is closed
    List<String> offer(List<? extends Tool<?>> tools);
}
