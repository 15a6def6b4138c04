package dev.chela.runtime.cli;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

import dev.chela.runtime.Gateway;
import dev.chela.runtime.Options;
import dev.chela.runtime.config.ConfigException;
import dev.chela.runtime.instance.BusyException;
import dev.chela.runtime.lifecycle.StageException;
import dev.chela.runtime.log.ConsoleLog;
import dev.chela.runtime.protocol.Version;
import dev.chela.runtime.store.StoreException;

import org.jspecify.annotations.Nullable;

/// `gateway run`: a gateway in the foreground until it is told to stop.
final class RunGateway {

    private final Shell shell;

    RunGateway(Shell shell) {
        this.shell = shell;
    }

    int run(RunOptions given) {
        try {
            Gateway gateway = start(given);
            stopWithTheProcess(gateway);
            greet(gateway);
            gateway.await();
            return ExitCode.OK;
        } catch (StageException | ConfigException | StoreException | UncheckedIOException e) {
            return refuse(e);
        } catch (IllegalArgumentException e) {
            shell.fail(String.valueOf(e.getMessage()));
            return ExitCode.USAGE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.FAILED;
        }
    }

    /// Starts a gateway as the options say.
    Gateway start(RunOptions given) {
        String level = given.verbose() ? "debug" : given.value("log-level");
        ConsoleLog.install(shell.err(), level == null ? "info" : level);
        Gateway gateway = Gateway.start(options(given));
        if (level == null) {
            gateway.logLevel().ifPresent(ConsoleLog::level);
        }
        return gateway;
    }

    /// SIGTERM and SIGINT make the JVM end; it waits for this, and ignores further signals meanwhile.
    private void stopWithTheProcess(Gateway gateway) {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("chela-stop").unstarted(() -> {
            List<StageException> failures = gateway.stop();
            failures.forEach(failure -> shell.fail(failure.getMessage() + ": " + failure.getCause()));
            shell.out().flush();
            shell.err().flush();
            Runtime.getRuntime().halt(failures.isEmpty() ? ExitCode.OK : ExitCode.FAILED);
        }));
    }

    private Options options(RunOptions given) {
        Options base = Options.in(given.place().folder(shell.environment()))
                .withConfig(given.place().configFile(shell.environment())).withEnvironment(shell.environment())
                .withBundled(bundled());
        return base.with(new Options.Overrides(given.port(), given.value("bind"), given.value("auth"),
                given.value("token"), given.value("password")));
    }

    /// The launcher says where the distribution lies.
    private static @Nullable Path bundled() {
        String home = System.getProperty("chela.home");
        return home == null ? null : Path.of(home, "plugins");
    }

    private int refuse(RuntimeException e) {
        Throwable cause = e instanceof StageException && e.getCause() != null ? e.getCause() : e;
        boolean known = cause instanceof BusyException || cause instanceof ConfigException
                || cause instanceof StoreException || cause instanceof UncheckedIOException;
        String why = cause instanceof UncheckedIOException && cause.getCause() != null
                ? cause.getMessage() + ": " + reason(cause.getCause())
                : String.valueOf(cause.getMessage());
        shell.fail((known ? why : e.getMessage() + ": " + cause));
        if (!known) {
            e.printStackTrace(shell.err());
        }
        return cause instanceof BusyException || cause instanceof ConfigException
                ? ExitCode.UNUSABLE
                : ExitCode.FAILED;
    }

    /// The system's exceptions say the path again instead of what is wrong with it.
    private static String reason(Throwable e) {
        return switch (e) {
            case FileAlreadyExistsException _ -> "it is there already and no folder";
            case NotDirectoryException _ -> "it is no folder";
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "it does not exist";
            default -> String.valueOf(e.getMessage());
        };
    }

    private void greet(Gateway gateway) {
        shell.say("Chela " + Version.CURRENT.product() + " listens on " + gateway.url());
        if (!gateway.tokenFile().isEmpty()) {
            Path file = Path.of(gateway.tokenFile());
            shell.say("Clients need the token in " + file + (Files.isReadable(file) ? "" : " (unreadable!)"));
        }
        gateway.plugins().stream().filter(report -> report.isRefused())
                .forEach(report -> shell.say("Refused: " + report.file() + ": " + report.reason()));
        shell.say("Try: chela agent --message \"hello\"");
        shell.out().flush();
    }
}
