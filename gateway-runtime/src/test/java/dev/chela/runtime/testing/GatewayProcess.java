package dev.chela.runtime.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.client.Identity;

/// A gateway in a process of its own, which can be killed.
public final class GatewayProcess implements AutoCloseable {

    private final Process process;
    private final URI uri;

    private GatewayProcess(Process process, URI uri) {
        this.process = process;
        this.uri = uri;
    }

    /// Starts one in a folder, with the scripted engine; returns when it listens.
    public static GatewayProcess start(Path folder) throws IOException {
        return start(folder, "");
    }

    /// Starts one in a folder from a shell that runs a command first.
    public static GatewayProcess start(Path folder, String before) throws IOException {
        Scripted.writeTo(folder.resolve("plugins"));
        List<String> command = new ArrayList<>(List.of("sh", "-c", before + "\nexec \"$@\"", "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "-Djdk.virtualThreadScheduler.parallelism=16", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
                "-Dchela.home=" + folder, "dev.chela.runtime.cli.Main", "gateway", "run", "--port", "0", "--token",
                TestGateway.TOKEN, "--state-dir", folder.resolve("state").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.append(line).append('\n');
            int at = line.indexOf("ws://");
            if (line.startsWith("Chela ") && at > 0) {
                Thread.ofPlatform().daemon().start(() -> out.lines().forEach(more -> {}));
                return new GatewayProcess(process, URI.create(line.substring(at)));
            }
        }
        throw new IOException("the gateway did not start:\n" + said);
    }

    /// A client that may do everything.
    public GatewayClient connect() throws ClientException, InterruptedException {
        return GatewayClient.connect(uri, Identity.cli(TestGateway.TOKEN, null), TestGateway.PATIENCE);
    }

    /// Ends it as `kill -9` does.
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
