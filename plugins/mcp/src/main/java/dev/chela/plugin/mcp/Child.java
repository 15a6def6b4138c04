package dev.chela.plugin.mcp;

import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// A program that was started, and whatever it started itself.
final class Child {

    /// What most programs cannot do without; nothing else of the gateway's own environment is handed on, for it may hold
    /// secrets.
    static final List<String> INHERITED = List.of("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SHELL", "TERM",
            "TMPDIR",
            "USER");
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final Duration BETWEEN = Duration.ofSeconds(5);

    private final Process process;
    private final Set<ProcessHandle> family = new LinkedHashSet<>();
    private long next = System.nanoTime();

    private Child(Process process) {
        this.process = process;
    }

    static Child start(ServerSettings settings, Map<String, String> environment) throws McpException {
        List<String> command = new ArrayList<>(List.of(Objects.requireNonNull(settings.command())));
        if (settings.args() != null) {
            command.addAll(settings.args());
        }
        var builder = new ProcessBuilder(command);
        if (settings.cwd() != null) {
            builder.directory(new File(settings.cwd()));
        }
        Map<String, String> given = builder.environment();
        given.clear();
        INHERITED.stream().filter(environment::containsKey).forEach(name -> given.put(name, environment.get(name)));
        if (settings.env() != null) {
            settings.env().forEach((name, value) -> given.put(name, value.value()));
        }
        try {
            return new Child(builder.start());
        } catch (IOException e) { // its message may hold all arguments
            throw new McpException("'" + settings.command() + "' cannot be started" + (settings.cwd() == null
                    ? ""
                    : " in '" + settings.cwd() + "'"), e);
        }
    }

    Process process() {
        return process;
    }

    /// Looks now and then who belongs to it: once the program is dead, nobody can tell any more whom it had started.
    synchronized void glance() {
        long now = System.nanoTime();
        if (now - next >= 0) {
            next = now + BETWEEN.toNanos();
            remember();
        }
    }

    private synchronized void remember() {
        process.descendants().forEach(family::add);
    }

    /// Waits for its end and says how that was.
    String ending() {
        try {
            return process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)
                    ? "it ended with exit code " + process.exitValue()
                    : "it closed its output";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "it closed its output";
        }
    }

    /// Ends it and all that belongs to it: by closing its input, then kindly, then not.
    void end() {
        remember();
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // it is dead already
        }
        boolean patient = await();
        ends(ProcessHandle::destroy);
        if (patient) {
            await();
        }
        ends(ProcessHandle::destroyForcibly);
    }

    private synchronized void ends(Consumer<ProcessHandle> how) {
        remember();
        family.stream().filter(ProcessHandle::isAlive).forEach(how);
        if (process.isAlive()) {
            how.accept(process.toHandle());
        }
    }

    /// @return false if there is no time left
    private boolean await() {
        try {
            long end = System.nanoTime() + GRACE.toNanos();
            process.waitFor(GRACE.toNanos(), TimeUnit.NANOSECONDS);
            for (ProcessHandle one : alive()) {
                one.onExit().get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return true;
        }
    }

    private synchronized List<ProcessHandle> alive() {
        return family.stream().filter(ProcessHandle::isAlive).toList();
    }
}
