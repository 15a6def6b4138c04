package dev.chela.plugin.mcp;

import java.util.concurrent.CompletableFuture;

import io.modelcontextprotocol.spec.McpClientTransport;

/// What a connection runs over: a program's input and output, or HTTP.
interface Line extends AutoCloseable {

    /// For the SDK.
    McpClientTransport transport();

    /// Completed with the reason when the line is broken for good.
    CompletableFuture<String> gone();

    /// Lets go of everything; may take some seconds.
    @Override
    void close();
}
