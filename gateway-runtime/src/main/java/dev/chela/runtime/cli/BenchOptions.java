package dev.chela.runtime.cli;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import dev.chela.runtime.bench.Credentials;
import dev.chela.runtime.bench.Subject;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.Identity;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What all benches ask: which gateway, as whom, and how to tell.
final class BenchOptions {

    @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Mixin
    private Target target = new Target();

    @Option(names = "--remote", description = "Allow a gateway on another machine; without it, load stays on this one.")
    private boolean remote;

    @Option(names = "--protocol", paramLabel = "N", defaultValue = "4", description = "The protocol the load clients speak, 3 or 4 (default: ${DEFAULT-VALUE}).")
    private int protocol = 4;

    @Option(names = "--device", paramLabel = "KEYS", defaultValue = "shared", description = "Device keys of the load clients: none, one that is shared, or a unique one each (default: ${DEFAULT-VALUE}).")
    private String device = "shared";

    @Option(names = "--scopes", paramLabel = "LIST", defaultValue = "operator.admin,operator.read,operator.write", description = "The scopes they ask for (default: ${DEFAULT-VALUE}).")
    private String scopes = "operator.admin,operator.read,operator.write";

    @Option(names = "--json", description = "Print each result on one line.")
    private boolean json;

    /// Whether scripts read along.
    boolean json() {
        return json;
    }

    /// Refuses a value out of its range as a mistake in the command.
    void check(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw refused(option + " must be " + min + " to " + max + ", not " + value);
        }
    }

    /// A mistake in the command.
    CommandLine.ParameterException refused(String why) {
        return new CommandLine.ParameterException(spec.commandLine(), why);
    }

    /// The gateway's address; load goes elsewhere only if that is said.
    URI uri(Shell shell) {
        URI uri = target.uri(shell);
        String host = uri.getHost();
        if (!"ws".equals(uri.getScheme()) || host == null || uri.getPort() < 1) {
            throw refused("--url must be like ws://127.0.0.1:18789, not " + uri);
        }
        try {
            if (!remote && !InetAddress.getByName(host).isLoopbackAddress()) {
                throw refused(host + " is not this machine: add --remote to put load on it");
            }
        } catch (UnknownHostException e) {
            throw refused("there is no machine " + host);
        }
        return uri;
    }

    /// What load clients show.
    Credentials credentials(Shell shell) throws ClientException {
        check("--protocol", protocol, 3, 4);
        Identity identity = target.identity(shell);
        Credentials.DeviceUse use = Arrays.stream(Credentials.DeviceUse.values())
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(device)).findFirst()
                .orElseThrow(() -> refused("--device must be none, shared or unique, not " + device));
        return new Credentials(orEmpty(identity.token()), orEmpty(identity.password()), protocol, use,
                List.of(scopes.split(",", -1)));
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    /// The gateway.
    Subject subject(Shell shell) throws ClientException {
        URI uri = uri(shell);
        return Subject.at(uri, credentials(shell));
    }
}
