package dev.chela.plugin.mcp;

import java.util.stream.Collectors;

import dev.chela.api.agent.ToolResult;
import dev.chela.api.json.JsonTexts;

import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.AudioContent;
import io.modelcontextprotocol.spec.McpSchema.BlobResourceContents;
import io.modelcontextprotocol.spec.McpSchema.EmbeddedResource;
import io.modelcontextprotocol.spec.McpSchema.ImageContent;
import io.modelcontextprotocol.spec.McpSchema.ResourceLink;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.TextResourceContents;
import org.jspecify.annotations.Nullable;

/// What a tool of a server gave, as text for a model: what is no text is named, so that the model knows it is there.
final class Contents {

    private Contents() {}

    /// Structured content stands for itself only where the server wrote it nowhere else.
    static ToolResult of(McpSchema.CallToolResult result, JsonTexts json) {
        String text = result.content().stream().map(Contents::text).collect(Collectors.joining("\n"));
        Object structured = result.structuredContent();
        String said = text.isEmpty() && structured != null ? json.write(structured) : text;
        return new ToolResult(said, Boolean.TRUE.equals(result.isError()));
    }

    private static String text(McpSchema.Content content) {
        return switch (content) {
            case TextContent text -> text.text();
            case ImageContent image -> "[image, " + image.mimeType() + ", " + bytes(image.data()) + "]";
            case AudioContent audio -> "[audio, " + audio.mimeType() + ", " + bytes(audio.data()) + "]";
            case ResourceLink link -> "[resource " + link.uri() + described(link.name(), link.description()) + "]";
            case EmbeddedResource embedded -> embedded(embedded.resource());
            default -> "[" + content.type() + "]";
        };
    }

    private static String embedded(McpSchema.ResourceContents resource) {
        if (resource instanceof TextResourceContents text) {
            return "[resource " + text.uri() + "]\n" + text.text();
        } else if (resource instanceof BlobResourceContents blob) {
            return "[resource " + blob.uri() + described(blob.mimeType(), null) + ", " + bytes(blob.blob()) + "]";
        }
        return "[resource " + resource.uri() + "]";
    }

    private static String described(@Nullable String first, @Nullable String second) {
        return (first == null || first.isBlank() ? "" : ", " + first)
                + (second == null || second.isBlank() ? "" : ", " + second);
    }

    /// Counted, not decoded.
    private static String bytes(String base64) {
        int padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
        return Math.max(0, base64.length() / 4L * 3 - padding) + " bytes";
    }
}
