package dev.chela.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// An unpacked zip, and a state folder beside it.
final class Installation {

    private static final long PATIENCE_S = 60;

    final Path home;
    final Path state;
    private final Map<String, String> environment = new HashMap<>();

    private Installation(Path home, Path state) {
        this.home = home;
        this.state = state;
    }

    /// Unpacks the full zip.
    static Installation full(Path folder) {
        return unpack("chela.full.zip", folder);
    }

    /// Unpacks the slim zip; it uses the Java of this test.
    static Installation slim(Path folder) {
        return unpack("chela.slim.zip", folder).with("JAVA_HOME", System.getProperty("java.home"));
    }

    private static Installation unpack(String property, Path folder) {
        String zip = System.getProperty(property);
        assertEquals(0, run(Map.of(), List.of("unzip", "-q", zip, "-d", folder.toString())).exit());
        try (var entries = Files.list(folder)) {
            return new Installation(entries.findFirst().orElseThrow(), folder.resolveSibling(folder.getFileName()
                    + "-state"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Sets a variable of the commands' environment.
    Installation with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /// How a command ended.
    record Ended(int exit, String out, String err) {}

    /// A gateway that was started by its script.
    record Running(Process process, Path out, Path err, int port) implements AutoCloseable {

        /// Sends SIGTERM and waits for the end.
        int terminate() {
            process.destroy();
            return await();
        }

        int await() {
            try {
                assertTrue(process.waitFor(PATIENCE_S, TimeUnit.SECONDS), "the gateway did not end");
                return process.exitValue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        String text() {
            return read(out) + read(err);
        }

        @Override
        public void close() {
            process.destroyForcibly();
            await();
        }
    }

    /// Runs `chela` with arguments to its end.
    Ended chela(String... arguments) {
        return run(variables(), command(arguments));
    }

    private Map<String, String> variables() {
        Map<String, String> variables = new HashMap<>(environment);
        variables.putIfAbsent("CHELA_STATE_DIR", state.toString());
        return variables;
    }

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin/chela").toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /// Starts a gateway on a free port and waits until it listens.
    Running start(String... options) throws IOException, InterruptedException {
        return startOn(freePort(), options);
    }

    /// Starts a gateway on a port and waits until it listens.
    Running startOn(int port, String... options) throws IOException, InterruptedException {
        List<String> command = command("gateway", "run", "--port", Integer.toString(port));
        command.addAll(List.of(options));
        Path out = Files.createTempFile(home.getParent(), "out", ".txt");
        Path err = Files.createTempFile(home.getParent(), "err", ".txt");
        var builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        prepare(builder, variables());
        Process process = builder.start();
        var running = new Running(process, out, err, port);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (!read(out).contains("listens on")) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
                process.destroyForcibly();
                throw new IOException("the gateway did not start:\n" + running.text());
            }
        }
        return running;
    }

    /// A port nobody has just now.
    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// Runs a command to its end.
    static Ended run(Map<String, String> variables, List<String> command) {
        try {
            Path out = Files.createTempFile("out", ".txt");
            Path err = Files.createTempFile("err", ".txt");
            var builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            prepare(builder, variables);
            Process process = builder.start();
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command + " did not end: " + read(out) + read(err));
            }
            var ended = new Ended(process.exitValue(), read(out), read(err));
            Files.delete(out);
            Files.delete(err);
            return ended;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// Of this process's environment, a command gets only what every shell has.
    private static void prepare(ProcessBuilder builder, Map<String, String> variables) {
        builder.environment().keySet().retainAll(List.of("PATH", "HOME", "LANG", "TMPDIR"));
        builder.environment().putAll(variables);
    }

    static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
