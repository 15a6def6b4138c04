package dev.chela.runtime.bench;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.chela.runtime.bench.Credentials.DeviceUse;
import dev.chela.runtime.testing.TestGateway;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Each kind of load for a moment, against a real gateway and against the floor; no figure is judged.
@Timeout(120)
class BenchTest {

    private static final Scenario.Timing SHORT = new Scenario.Timing(Duration.ofMillis(50), Duration.ofMillis(300));
    private static final List<String> SCOPES = List.of("operator.admin", "operator.read", "operator.write");

    @TempDir
    Path folder;

    private static Credentials credentials(String token, int protocol, DeviceUse device) {
        return new Credentials(token, "", protocol, device, SCOPES);
    }

    private static Subject subject(URI uri, Credentials credentials) {
        return new Subject(uri, credentials, OptionalLong.empty());
    }

    private static Subject subject(Floor floor) {
        return subject(URI.create("ws://127.0.0.1:" + floor.port()), credentials("any", 4, DeviceUse.SHARED));
    }

    private static Floor floor(boolean verify) throws BenchException {
        return Floor.open(new Floor.Settings(0, 1, new Shape(4000, 300), verify));
    }

    private static List<Scenario> scenarios() {
        return List.of(new Handshakes(SHORT, 4), new Calls(SHORT, "system-presence", "{}", 2, 8),
                new FanOut(SHORT, 5, 0, 100));
    }

    private static void countsWithoutErrors(Report report) {
        assertEquals("", report.firstError(), report.toString());
        assertTrue(report.get(Figure.COUNT).orElse(0) > 0, report.toString());
        assertTrue(report.get(Figure.P50).orElse(0) > 0, report.toString());
        assertTrue(report.get(Figure.P50).orElse(0) <= report.get(Figure.P999).orElse(0), report.toString());
    }

    @TestFactory
    Stream<DynamicTest> countsOperationsOfARealGatewayInBothProtocolsWithEveryKindOfDevice() {
        return Stream.of(3, 4).flatMap(protocol -> Stream.of(DeviceUse.values()).map(device -> DynamicTest.dynamicTest(
                "protocol " + protocol + ", device " + device, () -> {
                    try (TestGateway gateway = TestGateway.start(folder.resolve(protocol + "-" + device))) {
                        Subject subject = subject(gateway.uri(), credentials(TestGateway.TOKEN, protocol, device));
                        for (Scenario scenario : scenarios()) {
                            countsWithoutErrors(scenario.run(subject));
                        }
                    }
                })));
    }

    @Test
    void countsOperationsOfTheFloor() throws Exception {
        try (Floor floor = floor(true)) {
            for (Scenario scenario : scenarios()) {
                countsWithoutErrors(scenario.run(subject(floor)));
            }
        }
    }

    @Test
    void measuresTheOthersWhileSomeNeverRead() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder)) {
            Subject subject = subject(gateway.uri(), credentials(TestGateway.TOKEN, 4, DeviceUse.SHARED));
            countsWithoutErrors(new FanOut(SHORT, 3, 2, 100_000).run(subject));
        }
    }

    @Test
    void makesTheFloorAnswerAsLargeAsTheGateway() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Floor floor = floor(false)) {
            var calls = new Calls(SHORT, "system-presence", "{}", 1, 1);
            assertEquals(new Shape(4000, 300), calls.shape(subject(floor)));
            Shape real = calls.shape(subject(gateway.uri(), credentials(TestGateway.TOKEN, 4, DeviceUse.SHARED)));
            assertTrue(real.hello() > 1000 && real.reply() > 100, real.toString());
        }
    }

    @Test
    void letsTheFloorRefuseAClientWithoutAProofWhenItVerifies() throws Exception {
        try (Floor floor = floor(true)) {
            Subject nobody = subject(subject(floor).uri(), credentials("any", 4, DeviceUse.NONE));
            BenchException e = assertThrows(BenchException.class, () -> new Handshakes(SHORT, 1).run(nobody));
            assertTrue(String.valueOf(e.getMessage()).contains("device proof refused"), e.getMessage());
        }
    }

    @Test
    void carriesLargeParamsWhole() throws Exception {
        try (Floor floor = floor(false)) {
            countsWithoutErrors(new Calls(SHORT, "any", Calls.padded(1 << 20), 1, 2).run(subject(floor)));
            assertEquals(300, Calls.padded(300).length());
        }
    }

    @Test
    void saysWhyTheGatewayLetsNobodyIn() {
        try (TestGateway gateway = TestGateway.start(folder)) {
            Subject stranger = subject(gateway.uri(), credentials("wrong", 4, DeviceUse.SHARED));
            for (Scenario scenario : scenarios()) {
                BenchException e = assertThrows(BenchException.class, () -> scenario.run(stranger));
                assertTrue(String.valueOf(e.getMessage()).contains("gateway token mismatch"), e.getMessage());
            }
        }
    }

    @Test
    void countsCallsThatFailAndTellsTheFirst() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder)) {
            Subject subject = subject(gateway.uri(), credentials(TestGateway.TOKEN, 4, DeviceUse.SHARED));
            Report report = new Calls(SHORT, "no.such", "{}", 1, 1).run(subject);
            assertTrue(report.failed());
            assertEquals("INVALID_REQUEST: unknown method: no.such", report.firstError());
        }
    }

    @Test
    void endsWithAnErrorWhenTheServerDiesInTheMiddle() throws Exception {
        var forLong = new Scenario.Timing(Duration.ZERO, Duration.ofSeconds(100));
        List<Scenario> all = List.of(new Handshakes(forLong, 2), new Calls(forLong, "system-presence", "{}", 1, 1),
                new FanOut(forLong, 2, 0, 0));
        for (Scenario scenario : all) {
            Floor floor = floor(false);
            Subject subject = subject(floor);
            CompletableFuture<Report> run = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    run.complete(scenario.run(subject));
                } catch (BenchException | InterruptedException e) {
                    run.completeExceptionally(e);
                }
            });
            floor.close();
            ExecutionException e = assertThrows(ExecutionException.class, () -> run.get(30, TimeUnit.SECONDS));
            assertTrue(e.getCause() instanceof BenchException, String.valueOf(e.getCause()));
            assertTrue(String.valueOf(e.getMessage()).contains("ws://127.0.0.1"), e.getMessage());
        }
    }

    @Test
    void givesRatiosPairByPair() {
        var comparison = new Comparison();
        for (double value : new double[]{10, 30, 20}) {
            comparison.add(report(value), report(10));
        }
        assertEquals(new Comparison.Ratio(1, 2, 3), comparison.ratios().get(Figure.P50));
    }

    private static Report report(double median) {
        return new Report("rpc", "ws://x", java.util.Map.of(Figure.P50, median), "");
    }

    @Test
    void countsDurationsToAThousandth() {
        var latencies = new Latencies();
        for (int micros = 1; micros <= 100_000; micros++) {
            latencies.record(micros * 1000L);
        }
        assertEquals(50_000, latencies.micros(0.5), 50);
        assertEquals(99_900, latencies.micros(0.999), 100);
        assertEquals(100_000, latencies.longestMicros());
        assertEquals(1, latencies.micros(0), 0.001);
    }

    @Test
    void readsEnvelopesInAnyOrder() {
        var envelope = new Envelope();
        byte[] response = Envelope
                .ascii("{ \"payload\":{\"id\":\"9\",\"x\":\"}\\\"\"}, \"ok\": true,\"id\":\"12\",\"type\":\"res\"}");
        envelope.read(response, 0, response.length);
        assertTrue(envelope.isResponse() && envelope.ok());
        assertEquals(12, envelope.id());
        byte[] event = Envelope.ascii("{\"event\":\"tick\",\"seq\":1,\"payload\":[1,{}],\"type\":\"event\"}");
        envelope.read(event, 0, event.length);
        assertTrue(envelope.isEvent(Envelope.ascii("tick")) && !envelope.isResponse());
    }
}
