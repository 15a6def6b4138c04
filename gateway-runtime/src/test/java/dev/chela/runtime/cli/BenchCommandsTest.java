package dev.chela.runtime.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

import dev.chela.runtime.testing.TestGateway;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// `chela gateway bench …` as people type it.
@Timeout(180)
class BenchCommandsTest {

    @TempDir
    Path folder;

    private static String run(int code, String... args) {
        var out = new ByteArrayOutputStream();
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        int actual = Main.run(stream, stream, Map.of(), args);
        String said = out.toString(StandardCharsets.UTF_8);
        assertEquals(code, actual, said);
        return said;
    }

    private static void refuses(String why, String... args) {
        String said = run(2, args);
        assertTrue(said.contains(why), said);
    }

    @Test
    void measuresTheGatewayOfTheFolderBesideAFloorOfItsOwn() {
        try (TestGateway gateway = TestGateway.start(folder)) {
            String said = run(0, "gateway", "bench", "rpc", "--state-dir", folder.resolve("state").toString(),
                    "--token", TestGateway.TOKEN, "--seconds", "1", "--warmup", "0", "--inflight", "4", "--floor",
                    "--json");
            assertEquals(3, said.lines().count(), said);
            assertTrue(said.contains("\"target\":\"ws://127.0.0.1:" + gateway.port()), said);
            assertTrue(
                    said.contains("\"scenario\":\"ratio to floor\",") || said.contains("\"ratios\":{\"opsPerSecond\""),
                    said);
        }
    }

    @Test
    void printsFiguresForPeople() {
        try (TestGateway _ = TestGateway.start(folder)) {
            String said = run(0, "gateway", "bench", "fan-out", "--state-dir", folder.resolve("state").toString(),
                    "--token", TestGateway.TOKEN, "--seconds", "1", "--warmup", "0", "--connections", "3");
            assertTrue(said.startsWith("fan-out 3  ws://127.0.0.1:"), said);
            assertTrue(said.contains("  last client p50, us"), said);
        }
    }

    @Test
    void startsAndStopsAServer() throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String said = run(0, "gateway", "bench", "start", "--url", "ws://127.0.0.1:" + port, "--token", "x", "--cmd",
                "exec " + java + " -cp " + System.getProperty("java.class.path") + " " + Main.class.getName()
                        + " gateway bench floor --port " + port,
                "--json");
        assertTrue(said.contains("\"execToHelloMs\"") && said.contains("\"termToExitMs\""), said);
    }

    @Test
    void saysThatACommandEndedBeforeItListened() {
        String said = run(1, "gateway", "bench", "start", "--url", "ws://127.0.0.1:1", "--token", "x", "--cmd",
                "sh -c 'exit 3'");
        assertTrue(said.contains("the command ended with exit code 3 before it listened at ws://127.0.0.1:1"), said);
    }

    @Test
    void putsLoadOnAnotherMachineOnlyIfThatIsSaid() {
        refuses("192.0.2.1 is not this machine: add --remote to put load on it", "gateway", "bench", "rpc", "--url",
                "ws://192.0.2.1:18789", "--token", "x");
        refuses("--url must be like ws://127.0.0.1:18789", "gateway", "bench", "rpc", "--url", "wss://127.0.0.1:1",
                "--token", "x");
    }

    @Test
    void refusesWhatIsOutOfRange() {
        refuses("--connections must be 1 to 20000, not 0", "gateway", "bench", "rpc", "--connections", "0");
        refuses("--inflight must be 1 to 1024, not 1025", "gateway", "bench", "rpc", "--inflight", "1025");
        refuses("--seconds must be 1 to 600, not 601", "gateway", "bench", "handshake", "--seconds", "601");
        refuses("--warmup must be 0 to 60, not -1", "gateway", "bench", "handshake", "--warmup", "-1");
        refuses("--parallel must be 1 to 1000, not 0", "gateway", "bench", "handshake", "--parallel", "0");
        refuses("--rounds must be 1 to 100, not 101", "gateway", "bench", "fan-out", "--rounds", "101");
        refuses("--size must be 0 to 1048576, not 1048577", "gateway", "bench", "fan-out", "--size", "1048577");
        refuses("--settle must be 0 to 60, not 61", "gateway", "bench", "idle", "--settle", "61");
        refuses("--limit must be 1 to 600, not 0", "gateway", "bench", "start", "--cmd", "x", "--limit", "0");
        refuses("--port must be 0 to 65535, not 65536", "gateway", "bench", "floor", "--port", "65536");
        refuses("--params is no JSON", "gateway", "bench", "rpc", "--params", "{");
        refuses("--protocol must be 3 to 4, not 5", "gateway", "bench", "rpc", "--protocol", "5", "--url",
                "ws://127.0.0.1:1", "--token", "x");
        refuses("--device must be none, shared or unique, not mine", "gateway", "bench", "rpc", "--device", "mine",
                "--url", "ws://127.0.0.1:1", "--token", "x");
        refuses("which bench?", "gateway", "bench");
    }

    @Test
    void saysWhatIsWrongWhenNobodyListens() {
        String said = run(1, "gateway", "bench", "handshake", "--url", "ws://127.0.0.1:1", "--token", "x");
        assertTrue(said.contains("chela: ws://127.0.0.1:1: no handshake: connection refused"), said);
    }

    @Test
    void explainsItselfToANewcomer() {
        String said = run(0, "gateway", "bench", "--help");
        assertTrue(said.contains("handshake") && said.contains("fan-out") && said.contains("floor"), said);
    }
}
