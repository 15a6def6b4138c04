package dev.chela.runtime.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;

import dev.chela.api.config.Secret;
import dev.chela.api.json.Json;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.client.Identity;
import dev.chela.runtime.config.Config;
import dev.chela.runtime.config.ConfigFile;
import dev.chela.runtime.config.ConfigSnapshot;
import dev.chela.runtime.instance.InstanceLock;
import dev.chela.runtime.instance.StateFolder;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The gateway a command talks to: named by a URL, or the one of this machine's state folder.
final class Target {

    private static final int DEFAULT_PORT = 18789;

    @Option(names = "--url", paramLabel = "URL", description = "The gateway, such as ws://127.0.0.1:18789; needs --token"
            + " or --password.")
    private @Nullable String url;

    @Option(names = "--token", paramLabel = "TOKEN", description = "The gateway's token.")
    private @Nullable String token;

    @Option(names = "--password", paramLabel = "PASSWORD", description = "The gateway's password.")
    private @Nullable String password;

    @Option(names = "--timeout", paramLabel = "MS", defaultValue = "10000", description = "How long to wait for an answer (default: ${DEFAULT-VALUE}).")
    private long timeoutMs = 10_000;

    @Option(names = "--state-dir", paramLabel = "DIR", description = "The gateway's folder (default: ~/.chela).")
    private @Nullable String stateDir;

    @Option(names = "--profile", paramLabel = "NAME", description = "Use the folder ~/.chela-NAME.")
    private @Nullable String profile;

    @Option(names = "--config", paramLabel = "FILE", description = "The gateway's configuration.")
    private @Nullable String config;

    Duration timeout() {
        if (timeoutMs < 1) {
            throw new IllegalArgumentException("--timeout must be at least 1, not " + timeoutMs);
        }
        return Duration.ofMillis(timeoutMs);
    }

    /// Connects.
    GatewayClient connect(Shell shell) throws ClientException, InterruptedException {
        return connect(shell, (_, _) -> {});
    }

    /// Connects and hands over events.
    GatewayClient connect(Shell shell, BiConsumer<String, Json> events) throws ClientException, InterruptedException {
        try {
            return GatewayClient.connect(uri(shell), identity(shell), timeout(), events);
        } catch (ClientException e) {
            StateFolder folder = folder(shell);
            if (url != null || !e.code().isEmpty() || InstanceLock.running(folder).isPresent()) {
                throw e;
            }
            throw new ClientException("", e.getMessage() + "; none runs in " + folder.path()
                    + ", start one with `chela gateway run`", null);
        }
    }

    /// Where the gateway is.
    URI uri(Shell shell) {
        if (url != null) {
            URI uri;
            try {
                uri = URI.create(url);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("--url is no URL: '" + url + "'");
            }
            if (!"ws".equals(uri.getScheme()) && !"wss".equals(uri.getScheme())) {
                throw new IllegalArgumentException("--url must begin with ws:// or wss://, not be '" + url + "'");
            }
            return uri;
        }
        StateFolder folder = folder(shell);
        Optional<String> running = InstanceLock.running(folder).flatMap(holder -> holder.text("url"));
        if (running.isPresent()) {
            return URI.create(running.get());
        }
        String variable = shell.environment().getOrDefault("CHELA_GATEWAY_PORT", "");
        Integer configured = settings(shell).gatewayOrEmpty().port();
        int port = variable.matches("\\d{1,5}")
                ? Integer.parseInt(variable)
                : configured == null ? DEFAULT_PORT : configured;
        return URI.create("ws://127.0.0.1:" + port);
    }

    private StateFolder folder(Shell shell) {
        Path path = new Place(stateDir, profile, config).folder(shell.environment());
        return new StateFolder(path.toAbsolutePath().normalize());
    }

    private Config settings(Shell shell) {
        Path folder = folder(shell).path();
        String named = new Place(stateDir, profile, config).configFile(shell.environment());
        ConfigSnapshot snapshot = ConfigFile.read(ConfigFile.locate(named, folder), shell.environment(),
                _ -> true); // whether a plugin wants a section is for the gateway to say
        return snapshot.config();
    }

    /// What was given counts first; a URL takes nothing from this machine's settings, since it may lead anywhere.
    Identity identity(Shell shell) throws ClientException {
        if (token != null || password != null) {
            return Identity.cli(token, password);
        } else if (url != null) {
            throw new ClientException("", "--url needs --token or --password: a secret of this machine is not sent"
                    + " elsewhere", null);
        }
        String variable = shell.environment().getOrDefault("CHELA_GATEWAY_TOKEN", "");
        Config.Auth auth = settings(shell).auth();
        String known = !variable.isBlank() ? variable : value(auth.token());
        String word = shell.environment().getOrDefault("CHELA_GATEWAY_PASSWORD", "");
        String knownWord = !word.isBlank() ? word : value(auth.password());
        return Identity.cli(known == null && knownWord == null ? generated(shell) : known, knownWord);
    }

    private static @Nullable String value(@Nullable Secret secret) {
        return secret == null ? null : secret.value();
    }

    private @Nullable String generated(Shell shell) {
        try {
            return Files.readString(folder(shell).tokenFile()).strip();
        } catch (IOException e) {
            return null;
        }
    }
}
