package dev.chela.plugin.mcp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import dev.chela.api.json.Json;

/// What a hand-written MCP server says, whatever it is reached by: it has a tool for every way a call can go.
final class FakeProtocol {

    private static final int PAGE = 4;
    private static final Json OPEN = Json.of(Map.of("type", "object"));

    private final Path folder;
    private final Consumer<Json> sender;
    private final List<String> tools = new ArrayList<>(List.of("echo", "mixed", "structured", "wrong", "refuse", "die",
            "hang", "change", "long", "huge", "garbage", "environment", "child", "unknown type", "fat"));

    /// @param folder where it leaves marks for the test
    /// @param sender takes what it sends unasked
    FakeProtocol(Path folder, Consumer<Json> sender) {
        this.folder = folder;
        this.sender = sender;
    }

    /// Leaves a mark.
    void mark(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text + "\n", StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Answers a message; empty if it wants no answer, or gets none.
    Optional<Json> answer(Json message) {
        Json params = message.at("params").orElse(OPEN);
        return switch (message.text("method").orElse("")) {
            case "initialize" -> result(message, Map.of("protocolVersion", params.text("protocolVersion").orElseThrow(),
                    "capabilities", Map.of("tools", Map.of("listChanged", true)), "serverInfo",
                    Map.of("name", "fake", "version", "1", "icons", List.of(Map.of("src", "x")))));
            case "ping" -> result(message, Map.of());
            case "tools/list" -> result(message, list(params));
            case "tools/call" -> call(message, params);
            case "notifications/cancelled" -> {
                mark("cancelled", params.text("requestId").orElse("?"));
                yield Optional.empty();
            }
            default -> Optional.empty();
        };
    }

    private Json list(Json params) {
        int from = params.text("cursor").map(Integer::parseInt).orElse(0);
        int to = Math.min(from + PAGE, tools.size());
        List<Json> page = new ArrayList<>();
        for (String tool : tools.subList(from, to)) {
            String comment = tool.equals("fat") ? "x".repeat(70_000) : "of " + tool;
            page.add(Json.of(Map.of("name", tool, "description", "Does " + tool + ".", "inputSchema",
                    Map.of("type", "object", "$comment", comment, "properties",
                            Map.of("text", Map.of("type", "string", "maxLength", 100))),
                    "annotations",
                    Map.of("readOnlyHint", true))));
        }
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("tools", page);
        if (to < tools.size()) {
            list.put("nextCursor", "" + to);
        }
        return Json.of(list);
    }

    private Optional<Json> call(Json message, Json params) {
        String text = params.at("arguments").flatMap(given -> given.text("text")).orElse("");
        return switch (params.text("name").orElse("")) {
            case "echo" -> said(message, "you said " + text);
            case "mixed" -> result(message, Map.of("content", mixed()));
            case "structured" -> result(message, Map.of("content", List.of(), "structuredContent",
                    Map.of("answer", 42)));
            case "wrong" -> result(message, Map.of("content", List.of(text("not today")), "isError", true));
            case "refuse" -> Optional.of(reply(message, "error", Map.of("code", -32000, "message", "no such luck")));
            case "die" -> {
                Runtime.getRuntime().halt(3);
                yield Optional.empty();
            }
            case "hang" -> {
                mark("hanging", message.text("id").orElseThrow());
                yield Optional.empty();
            }
            case "change" -> {
                tools.remove("mixed");
                tools.add("extra");
                sender.accept(Json.of(Map.of("jsonrpc", "2.0", "method", "notifications/tools/list_changed")));
                yield said(message, "changed");
            }
            case "long" -> said(message, "x".repeat(1 << 20));
            case "huge" -> said(message, "x".repeat(9 << 20));
            case "environment" -> said(message, System.getenv().toString());
            case "unknown type" -> result(message, Map.of("content", List.of(Map.of("type", "smell"))));
            case "child" -> said(message, "" + child());
            default -> said(message, "did it");
        };
    }

    private static List<Object> mixed() {
        return List.of(text("first"), Map.of("type", "image", "data", "AAECAw==", "mimeType", "image/png"),
                Map.of("type", "audio", "data", "AAEC", "mimeType", "audio/wav"),
                Map.of("type", "resource", "resource",
                        Map.of("uri", "a:b", "mimeType", "text/plain", "text", "inside")),
                Map.of("type", "resource", "resource", Map.of("uri", "a:c", "blob", "AAEC")),
                Map.of("type", "resource_link", "name", "there", "uri", "a:d", "annotations",
                        Map.of("audience", List.of("user", "nobody"), "priority", 0.5)));
    }

    private static long child() {
        try {
            return new ProcessBuilder("sleep", "600").start().pid();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> text(String text) {
        return Map.of("type", "text", "text", text);
    }

    private static Optional<Json> said(Json message, String text) {
        return result(message, Map.of("content", List.of(text(text))));
    }

    private static Optional<Json> result(Json message, Object result) {
        return Optional.of(reply(message, "result", result));
    }

    private static Json reply(Json message, String member, Object value) {
        return Json.of(Map.of("jsonrpc", "2.0", "id", message.at("id").orElseThrow(), member, value));
    }
}
