/// Tools of MCP servers.
@NullMarked
package dev.chela.plugin.mcp;

import org.jspecify.annotations.NullMarked;
