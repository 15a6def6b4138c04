package dev.chela.runtime.wire;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.Identity;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.testing.RawSocket;
import dev.chela.runtime.testing.RawSocket.Received;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static dev.chela.runtime.testing.TestGateway.TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Who gets in, as whom, and what everybody else is told.
class HandshakeWireTest {

    private static final byte[] SEED = "a device key for tests, 32 bytes".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path folder;
    static TestGateway gateway;

    @BeforeAll
    static void start() throws IOException {
        Path config = TestGateway.write(folder.resolve("config/chela.yaml"),
                "gateway: {controlUi: {allowedOrigins: ['https://ui.example']}}");
        gateway = TestGateway.start(folder, options -> options.withConfig(config.toString()));
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static ClientException refused(Identity identity) throws InterruptedException {
        try (Client client = gateway.connect(identity)) {
            throw new AssertionError("came in: " + client.client().hello());
        } catch (ClientException e) {
            return e;
        }
    }

    private static String detail(ClientException e, String member) {
        return e.details() == null ? "" : e.details().text(member).orElse("");
    }

    private static List<Object> scopes(Client client) {
        return client.client().hello().at("auth").orElseThrow().items("scopes").stream().map(Json::plain)
                .collect(Collectors.toList());
    }

    // ---- hello ----

    @Test
    void tellsEverythingAClientNeeds() throws Exception {
        try (Client client = gateway.admin()) {
            Json hello = client.client().hello();
            assertEquals("hello-ok", hello.text("type").orElse(""));
            assertEquals(4L, hello.whole("protocol").orElse(0L));
            assertEquals("configured",
                    hello.at("server").orElseThrow().text("controlUiBuildSource").orElse(""));
            assertFalse(hello.at("server").orElseThrow().text("connId").orElse("").isEmpty());
            Json snapshot = hello.at("snapshot").orElseThrow();
            assertEquals("agent:main:main",
                    snapshot.at("sessionDefaults").orElseThrow().text("mainSessionKey").orElse(""));
            assertTrue(snapshot.at("health").orElseThrow().flag("ok").orElse(false));
            assertTrue(snapshot.text("stateDir").isPresent());
            Json policy = hello.at("policy").orElseThrow();
            assertEquals(26_214_400L, policy.whole("maxPayload").orElse(0L));
            assertEquals(30_000L, policy.whole("tickIntervalMs").orElse(0L));
            Json features = hello.at("features").orElseThrow();
            assertTrue(features.items("methods").contains(Json.of("chat.send")));
            assertTrue(features.items("events").contains(Json.of("connect.challenge")));
        }
    }

    @Test
    void tellsPathsToAdminsOnly() throws Exception {
        try (Client client = gateway.with("operator.read")) {
            Json snapshot = client.client().hello().at("snapshot").orElseThrow();
            assertTrue(snapshot.text("stateDir").isEmpty());
            assertFalse(client.client().hello().toString().contains(folder.toString()));
        }
    }

    @Test
    void tellsNobodyWithoutReadScopeWhoIsPresent() throws Exception {
        try (Client client = gateway.with()) {
            assertTrue(client.client().hello().at("snapshot").orElseThrow().items("presence").isEmpty());
        }
    }

    @Test
    void greetsProtocol3WithItsOwnMembers() throws Exception {
        try (Client client = gateway.connect(Identity.cli(TOKEN, null).asking(List.of()).speaking(3, 3))) {
            Json hello = client.client().hello();
            assertEquals(3L, hello.whole("protocol").orElse(0L));
            assertTrue(hello.at("auth").isEmpty());
            assertTrue(hello.at("features").orElseThrow().at("capabilities").isEmpty());
            assertTrue(client.call("system-event", Map.of("text", "hi")).flag("ok").orElse(false),
                    "asking for nothing means everything in protocol 3, on this machine");
        }
    }

    // ---- who is calling ----

    @Test
    void letsTheSecretSitInEitherField() throws Exception {
        gateway.connect(Identity.cli(null, TOKEN)).close();
        gateway.connect(Identity.cli(TOKEN, "something else")).close();
    }

    @Test
    void refusesAWrongTokenAndSaysWhatToDo() throws Exception {
        ClientException refused = refused(Identity.cli("wrong", null));
        assertEquals("INVALID_REQUEST", refused.code());
        assertTrue(String.valueOf(refused.getMessage()).contains("gateway token mismatch"));
        assertEquals("AUTH_TOKEN_MISMATCH", detail(refused, "code"));
        assertEquals("update_auth_credentials", detail(refused, "recommendedNextStep"));
    }

    @Test
    void asksForADeviceWhereNothingWasOffered() throws Exception {
        ClientException refused = refused(Identity.cli(null, null));
        assertEquals("NOT_PAIRED", refused.code());
        assertEquals("device identity required", refused.getMessage());
        assertEquals("DEVICE_IDENTITY_REQUIRED", detail(refused, "code"));
    }

    @Test
    void givesAProvenDeviceOfThisMachineWhatItAsksFor() throws Exception {
        Identity ui = Identity.cli(TOKEN, null).withDevice(SEED).as("openclaw-tui", "ui", "operator")
                .asking(List.of("operator.write", "operator.read"));
        try (Client client = gateway.connect(ui)) {
            assertEquals(List.of("operator.read", "operator.write"), scopes(client));
        }
    }

    @Test
    void tellsAWrongTokenWithADeviceToTryItsOwn() throws Exception {
        ClientException refused = refused(Identity.cli("wrong", null).withDevice(SEED));
        assertEquals("retry_with_device_token", detail(refused, "recommendedNextStep"));
    }

    @Test
    void neverSkipsTheDeviceOfInterfacesAndNodes() throws Exception {
        assertEquals("CONTROL_UI_DEVICE_IDENTITY_REQUIRED",
                detail(refused(Identity.cli(TOKEN, null).as("openclaw-tui", "ui", "operator")), "code"));
        assertEquals("DEVICE_IDENTITY_REQUIRED",
                detail(refused(Identity.cli(TOKEN, null).as("node-host", "node", "node")), "code"));
    }

    @Test
    void givesNoScopesToOtherProgramsWithoutADevice() throws Exception {
        try (Client client = gateway.connect(Identity.cli(TOKEN, null).as("test", "test", "operator"))) {
            assertEquals(List.of(), scopes(client));
            assertTrue(client.call("health").flag("ok").orElse(false));
            assertEquals("missing scope: operator.read", client.refused("status", Map.of()).getMessage());
        }
    }

    @Test
    void trustsTheLocalBackend() throws Exception {
        try (Client client = gateway.connect(Identity.cli(TOKEN, null).as("gateway-client", "backend", "operator"))) {
            assertTrue(scopes(client).contains("operator.admin"));
        }
    }

    @Test
    void letsNodesCallOnlyWhatIsTheirs() throws Exception {
        Identity node = Identity.cli(TOKEN, null).withDevice(SEED).as("node-host", "node", "node").asking(List.of());
        try (Client client = gateway.connect(node)) {
            assertTrue(client.call("health").flag("ok").orElse(false));
            assertEquals("unauthorized role: node", client.refused("status", Map.of()).getMessage());
        }
    }

    @Test
    void takesWhatNodesMayCallButNobodyAnswersForNoAbuse() throws Exception {
        Identity node = Identity.cli(TOKEN, null).withDevice(SEED).as("node-host", "node", "node").asking(List.of());
        try (Client client = gateway.connect(node); Client admin = gateway.admin()) {
            for (int i = 0; i < 15; i++) {
                assertEquals("unknown method: node.event", client.refused("node.event", Map.of()).getMessage());
            }
            assertEquals("unauthorized role: operator", admin.refused("node.event", Map.of()).getMessage());
        }
    }

    @Test
    void tellsANodeWithoutADeviceThatItsTokenIsWrongFirst() throws Exception {
        ClientException refused = refused(Identity.cli("wrong", null).as("node-host", "node", "node"));
        assertEquals("AUTH_TOKEN_MISMATCH", detail(refused, "code"));
    }

    @Test
    void endsAConnectionThatKeepsAskingForWhatIsNotItsOwn() throws Exception {
        Identity node = Identity.cli(TOKEN, null).withDevice(SEED).as("node-host", "node", "node").asking(List.of());
        try (Client client = gateway.connect(node)) {
            for (int i = 0; i < 11; i++) {
                client.client().begin("status", Json.of(Map.of()));
            }
            var closed = client.client().awaitClose(TestGateway.PATIENCE);
            assertEquals(1008, closed.code());
            assertEquals("repeated unauthorized calls", closed.reason());
        }
    }

    @Test
    void refusesProtocolsItDoesNotSpeak() throws Exception {
        ClientException refused = refused(Identity.cli(TOKEN, null).speaking(5, 9));
        assertEquals("protocol mismatch", refused.getMessage());
        assertEquals("PROTOCOL_MISMATCH", detail(refused, "code"));
        assertEquals("protocol mismatch", refused(Identity.cli(TOKEN, null).speaking(9, 1)).getMessage());
    }

    @Test
    void speaksTheNewestProtocolOfARange() throws Exception {
        try (Client client = gateway.connect(Identity.cli(TOKEN, null).speaking(1, 99))) {
            assertEquals(4L, client.client().hello().whole("protocol").orElse(0L));
        }
    }

    // ---- where a client comes from ----

    private static RawSocket from(String headers) throws IOException {
        RawSocket socket = RawSocket.to(gateway.port());
        socket.send(("GET / HTTP/1.1\n" + headers + "\nUpgrade: websocket\nConnection: Upgrade\n"
                + "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n\n").replace("\n", "\r\n"));
        assertTrue(socket.readHead().startsWith("HTTP/1.1 101"));
        return socket;
    }

    private static Json connect(RawSocket socket, Identity identity) throws IOException {
        Json challenge = JsonCodec.read(JsonText.of(socket.readUntil("connect.challenge"))).at("payload").orElseThrow();
        Map<String, Object> frame = new HashMap<>(Map.of("type", "req", "id", "c", "method", "connect"));
        frame.put("params", params(identity, challenge));
        socket.text(new JsonCodec().encode(frame).toString());
        return JsonCodec.read(JsonText.of(socket.readUntil("\"id\":\"c\"")));
    }

    private static Json params(Identity identity, Json challenge) {
        return identity.params("1", challenge.text("nonce").orElse(""), challenge.whole("ts").orElse(0L));
    }

    private static String errorCode(Json response) {
        Json error = response.at("error").orElseThrow();
        return error.at("details").flatMap(details -> details.text("code")).orElse(error.text("code").orElse(""));
    }

    @Test
    void refusesForeignPagesWhateverTheySayTheyAre() throws Exception {
        try (RawSocket socket = from("Host: 127.0.0.1\nOrigin: https://evil.example")) {
            Json response = connect(socket, Identity.cli(TOKEN, null));
            assertEquals("CONTROL_UI_ORIGIN_NOT_ALLOWED", errorCode(response));
            assertEquals(1008, socket.readClose().closeCode());
        }
    }

    @Test
    void refusesABrowserThatNamesNoPage() throws Exception {
        ClientException refused = refused(Identity.cli(TOKEN, null).as("webchat-ui", "webchat", "operator"));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("origin not allowed"), refused.getMessage());
        assertEquals("origin missing or invalid", detail(refused, "reason"));
    }

    @Test
    void letsListedPagesInButWithoutADeviceTheyMayDoNothing() throws Exception {
        try (RawSocket socket = from("Host: 127.0.0.1\nOrigin: https://ui.example")) {
            Json response = connect(socket, Identity.cli(TOKEN, null));
            assertTrue(response.at("payload").orElseThrow().at("auth").orElseThrow().items("scopes").isEmpty());
        }
    }

    @Test
    void letsTheDeviceOfAListedPageInAndNotThatOfAnotherPageOfThisMachine() throws Exception {
        Identity device = Identity.cli(TOKEN, null).withDevice(SEED);
        try (RawSocket listed = from("Host: 127.0.0.1\nOrigin: https://ui.example");
                RawSocket other = from("Host: 127.0.0.1\nOrigin: http://localhost:9999")) {
            assertTrue(connect(listed, device).flag("ok").orElse(false));
            assertEquals("PAIRING_REQUIRED", errorCode(connect(other, device)));
        }
    }

    @Test
    void doesNotCountAForeignHostNameAsThisMachine() throws Exception {
        try (RawSocket socket = from("Host: 127.evil.example")) {
            Json response = connect(socket, Identity.cli(TOKEN, null).withDevice(SEED));
            assertEquals("PAIRING_REQUIRED", errorCode(response));
            Received close = socket.readClose();
            assertTrue(close.closeReason().startsWith("pairing required"), close.closeReason());
        }
    }

    // ---- first frames that are no hello ----

    private static Received firstFrame(String text) throws IOException {
        try (RawSocket socket = RawSocket.webSocketTo(gateway.port())) {
            socket.read();
            return socket.text(text).readClose();
        }
    }

    @Test
    void closesOnAFirstFrameThatIsNoConnect() throws IOException {
        assertEquals(1000, firstFrame("{not json").closeCode());
        Received noRequest = firstFrame("{\"type\":\"event\",\"event\":\"x\"}");
        assertEquals("1008 invalid request frame", noRequest.closeCode() + " " + noRequest.closeReason());
        Received noConnect = firstFrame("{\"type\":\"req\",\"id\":\"1\",\"method\":\"health\"}");
        assertEquals("invalid handshake: first request must be connect", noConnect.closeReason());
    }

    @Test
    void namesEverythingThatIsWrongWithConnectParams() throws IOException {
        try (RawSocket socket = RawSocket.webSocketTo(gateway.port())) {
            socket.read();
            socket.text("{\"type\":\"req\",\"id\":\"1\",\"method\":\"connect\",\"params\":{\"minProtocol\":0,\"x\":1,"
                    + "\"client\":{\"id\":\"nobody\",\"version\":\"\",\"platform\":3,\"mode\":\"cli\"}}}");
            String answer = socket.readUntil("\"id\":\"1\"");
            for (String part : List.of("at /minProtocol: must be >= 1", "at root: unexpected property 'x'",
                    "at /client/id: must be equal to one of the allowed values",
                    "at /client/version: must not have fewer than 1 characters", "at /client/platform: must be string",
                    "must have required property 'maxProtocol'")) {
                assertTrue(answer.contains(part), part + " in " + answer);
            }
            assertEquals(1008, socket.readClose().closeCode());
        }
    }

    @Test
    void answersWhatWasSentRightBehindConnect() throws IOException {
        try (RawSocket socket = RawSocket.webSocketTo(gateway.port())) {
            socket.read();
            socket.text("""
                    {"type":"req","id":"c","method":"connect","params":{"minProtocol":4,"maxProtocol":4,
                    "client":{"id":"cli","version":"1","platform":"t","mode":"cli"},"auth":{"token":"%s"}}}"""
                    .formatted(TOKEN));
            for (int i = 0; i < 10; i++) {
                socket.text("{\"type\":\"req\",\"id\":\"p" + i + "\",\"method\":\"health\"}");
            }
            assertTrue(socket.readUntil("\"id\":").contains("hello-ok"));
            assertTrue(socket.readUntil("\"id\":\"p9\"").contains("\"ok\":true"));
        }
    }

    @Test
    void refusesASecondConnect() throws Exception {
        try (Client client = gateway.admin()) {
            assertEquals("connect is only valid as the first request",
                    client.refused("connect", Map.of()).getMessage());
        }
    }
}
