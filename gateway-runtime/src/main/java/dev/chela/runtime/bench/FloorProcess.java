package dev.chela.runtime.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;

/// A floor in a process of its own, which ends with this one.
public final class FloorProcess implements AutoCloseable {

    /// What a floor says first, before its port.
    public static final String LISTENING = "floor listens on port ";

    private final Process process;
    private final int port;

    private FloorProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /// Starts one.
    ///
    /// @param command says [#LISTENING] and ends when its input does
    /// @throws BenchException if it does not come up
    public static FloorProcess start(List<String> command) throws BenchException {
        try {
            Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String line = out.readLine();
            if (line == null || !line.startsWith(LISTENING)) {
                process.destroyForcibly();
                throw new BenchException("the floor did not start: " + (line == null ? "it said nothing" : line));
            }
            return new FloorProcess(process, Integer.parseInt(line.substring(LISTENING.length())));
        } catch (IOException e) {
            throw new BenchException("the floor cannot be started: " + e.getMessage());
        }
    }

    /// As a server to measure.
    public Subject subject(Credentials credentials) {
        return new Subject(URI.create("ws://127.0.0.1:" + port), credentials, OptionalLong.of(process.pid()));
    }

    @Override
    public void close() {
        process.destroy();
    }
}
