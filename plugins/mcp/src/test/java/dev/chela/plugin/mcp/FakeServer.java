package dev.chela.plugin.mcp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonReader;
import dev.chela.runtime.json.JsonText;

/// A program that is an MCP server; started by the plugin, never by a test.
final class FakeServer {

    private FakeServer() {}

    /// Answers until its input ends.
    ///
    /// @param args the folder for marks
    public static void main(String[] args) throws IOException {
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        var json = new JsonCodec();
        var protocol = new FakeProtocol(Path.of(args[0]), message -> out.println(json.write(message)));
        protocol.mark("started", "" + ProcessHandle.current().pid());
        System.err.println("secret of the error output");
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Json message = JsonReader.JSON5.read(JsonText.of(line));
            if (line.contains("\"garbage\"")) {
                out.println("npm warn something\n{}\n[1, 2]\n{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{}}\n\n");
            }
            protocol.answer(message).ifPresent(answer -> out.println(json.write(answer)));
        }
    }
}
