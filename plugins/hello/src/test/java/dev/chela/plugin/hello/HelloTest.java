package dev.chela.plugin.hello;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// The plugin `hello` out of its jar, in a real gateway.
class HelloTest {

    @TempDir
    Path folder;
    private TestGateway gateway;

    @BeforeEach
    void start() {
        gateway = TestGateway.startWith(Path.of(System.getProperty("plugin.jar")), folder, options -> options);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void greetsWhoeverMayRead() throws Exception {
        try (Client client = gateway.with("operator.read")) {
            assertTrue(client.client().hello().at("features").orElseThrow().items("methods")
                    .contains(Json.of("hello.greet")));
            assertEquals("Hello, crab!", client.call("hello.greet", Map.of("name", "crab")).text("text").orElse(""));
        }
        try (Client client = gateway.with("operator.pairing")) {
            assertEquals("missing scope: operator.read",
                    client.refused("hello.greet", Map.of("name", "crab")).getMessage());
        }
    }

    @Test
    void refusesNamesThatAreNone() throws Exception {
        try (Client client = gateway.with("operator.read")) {
            for (Object name : List.of("", 1, List.of(), "x".repeat(101))) {
                String said = String.valueOf(client.refused("hello.greet", Map.of("name", name)).getMessage());
                assertTrue(said.startsWith("invalid hello.greet params: at /name: must "), said);
            }
            assertEquals("invalid hello.greet params: must have required property 'name'",
                    client.refused("hello.greet", Map.of()).getMessage());
        }
    }

    @Test
    void greetsAsAToolOfAgents() throws Exception {
        try (Client client = gateway.with("operator.write")) {
            Json greeted = client.call("tools.invoke", Map.of("name", "hello_greet", "args", Map.of("name", "crab")));
            assertEquals("Hello, crab!",
                    greeted.at("output").orElseThrow().items("content").getFirst().text("text").orElse(""));
        }
    }

    @ParameterizedTest
    @CsvSource({"GET,/hello,200,Hello!", "GET,/hello/,200,Hello!", "HEAD,/hello,200,''", "POST,/hello,405,",
            "GET,/hello/you,404,"})
    void saysHelloOverHttp(String method, String path, int status, String body) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
                    .version(HttpClient.Version.HTTP_1_1).method(method, HttpRequest.BodyPublishers.noBody()).build();
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            assertEquals(status, response.statusCode());
            if (body != null) {
                assertEquals(body, response.body().strip());
            }
        }
    }
}
