package dev.chela.plugin.mcp;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32;

import io.modelcontextprotocol.spec.McpSchema;

/// What tools of servers are called here, and what is said of them.
final class ToolNames {

    /// The longest name that models may be told.
    private static final int MAX = 64;
    private static final int DIGEST = 9;
    private static final int MAX_DESCRIPTION = 4096;

    private ToolNames() {}

    /// `server__tool` with everything that is no letter, digit, dash or underscore as an underscore. A long one is cut
    /// and gets a digest of the whole, so that it stays another than its neighbours.
    static String of(String server, String tool) {
        String whole = server + "__" + tool;
        String clean = whole.replaceAll("[^A-Za-z0-9_-]", "_");
        if (clean.length() <= MAX) {
            return clean;
        }
        var sum = new CRC32();
        sum.update(whole.getBytes(StandardCharsets.UTF_8));
        return clean.substring(0, MAX - DIGEST) + "_" + HexFormat.of().toHexDigits((int) sum.getValue());
    }

    /// What the server says of it, as far as it fits.
    static String description(String server, McpSchema.Tool tool) {
        String said = tool.description() == null || tool.description().isBlank() ? tool.title() : tool.description();
        if (said == null || said.isBlank()) {
            return "The tool " + cut(tool.name()) + " of the MCP server " + server + ".";
        }
        return cut(said);
    }

    private static String cut(String text) {
        int end = Math.min(text.length(), MAX_DESCRIPTION - 100);
        return text.substring(0, end > 0 && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
    }
}
