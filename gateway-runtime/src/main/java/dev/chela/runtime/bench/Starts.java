package dev.chela.runtime.bench;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.chela.runtime.instance.PortOwner;

/// A server from exec to hello-ok and from SIGTERM to its end.
///
/// @param command a shell command that becomes the server
/// @param credentials what the first client shows
/// @param patience how long the start may take
public record Starts(String command, Credentials credentials, Duration patience) {

    private static final Duration POLL = Duration.ofMillis(2);
    private static final Duration STOP = Duration.ofSeconds(90);

    /// Starts and stops it once.
    ///
    /// @param uri where it will listen
    public Report run(URI uri) throws BenchException, InterruptedException {
        if (accepts(uri)) {
            throw new BenchException("somebody listens at " + uri + " already"
                    + PortOwner.of(uri.getPort()).map(pid -> " (process " + pid + ")").orElse("")
                    + "; start measures a process of its own");
        }
        rehearse();
        long begun = System.nanoTime();
        Process process = exec();
        try {
            Map<Figure, Double> figures = new EnumMap<>(Figure.class);
            awaitPort(uri, process, begun);
            figures.put(Figure.PORT_MS, millisSince(begun));
            hello(Subject.at(uri, credentials));
            figures.put(Figure.HELLO_MS, millisSince(begun));
            long server = PortOwner.of(uri.getPort()).orElse(process.pid());
            Processes.cpuMicros(server).ifPresent(cpu -> figures.put(Figure.HELLO_CPU_MS, cpu / 1e3));
            Processes.residentKib(server).ifPresent(kib -> figures.put(Figure.SERVER_RSS, kib / 1024));
            stop(server, figures);
            return new Report("start", uri.toString(), figures, "");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private Process exec() throws BenchException {
        try {
            return new ProcessBuilder("sh", "-c", command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        } catch (IOException e) {
            throw new BenchException("there is no shell: " + e.getMessage());
        }
    }

    private void awaitPort(URI uri, Process process, long begun) throws BenchException, InterruptedException {
        while (!accepts(uri)) {
            if (process.waitFor(POLL.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new BenchException("the command ended with exit code " + process.exitValue()
                        + " before it listened at " + uri + ": " + command);
            } else if (System.nanoTime() - begun > patience.toNanos()) {
                throw new BenchException("nobody listened at " + uri + " within " + patience.toSeconds() + " s");
            }
        }
    }

    private static boolean accepts(URI uri) {
        try (var _ = new Socket(uri.getHost(), uri.getPort())) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void hello(Subject subject) throws BenchException, InterruptedException {
        CompletableFuture<Peer> ready = new CompletableFuture<>();
        try (var loop = new Loop()) {
            var keys = new Peer.Keys(subject.credentials());
            loop.execute(() -> Peer.open(loop, subject, keys, new Peer.User() {

                @Override
                public void ready(Peer peer) {
                    ready.complete(peer);
                }
            }));
            loop.await(ready, Loop.PATIENCE, "no hello-ok from " + subject.uri() + " in time");
        }
    }

    /// Loads the load client's own classes, which would otherwise be charged to the server.
    private static void rehearse() throws BenchException, InterruptedException {
        try (Floor floor = Floor.open(new Floor.Settings(0, 1, Shape.USUAL, false))) {
            var credentials = new Credentials("rehearsal", "", 4, Credentials.DeviceUse.SHARED, List.of());
            var subject = new Subject(URI.create("ws://127.0.0.1:" + floor.port()), credentials, OptionalLong.empty());
            for (int i = 0; i < 50; i++) {
                hello(subject);
            }
        }
    }

    private static void stop(long server, Map<Figure, Double> figures) throws BenchException, InterruptedException {
        ProcessHandle handle = ProcessHandle.of(server).orElse(null);
        if (handle == null) {
            throw new BenchException("the server ended by itself");
        }
        long begun = System.nanoTime();
        handle.destroy();
        try {
            handle.onExit().get(STOP.toSeconds(), TimeUnit.SECONDS);
            figures.put(Figure.EXIT_MS, millisSince(begun));
        } catch (TimeoutException e) {
            throw new BenchException("the server did not end within " + STOP.toSeconds() + " s of SIGTERM");
        } catch (ExecutionException e) {
            throw new BenchException("the server's end cannot be seen: " + e.getMessage());
        }
    }

    private static double millisSince(long begun) {
        return (System.nanoTime() - begun) / 1e6;
    }
}
