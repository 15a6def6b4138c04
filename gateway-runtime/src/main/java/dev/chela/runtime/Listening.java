package dev.chela.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;

import dev.chela.runtime.config.Config;
import dev.chela.runtime.config.ConfigException;
import dev.chela.runtime.instance.BusyException;
import dev.chela.runtime.instance.PortOwner;
import dev.chela.runtime.transport.Port;

/// Where the gateway listens: what was asked for and never more.
final class Listening {

    private static final int DEFAULT_PORT = 18789;

    private Listening() {}

    /// Binds the port; nothing is accepted yet.
    ///
    /// @throws BusyException naming the holder if it is taken
    static Port bind(Options options, Config config) {
        int number = number(options, config);
        List<InetAddress> addresses = addresses(options, config);
        try {
            return Port.bind(addresses, number);
        } catch (BindException e) {
            String where = "port " + number + " on " + addresses.getFirst().getHostAddress();
            Optional<Long> owner = PortOwner.of(number);
            if (owner.isEmpty() && !String.valueOf(e.getMessage()).contains("in use")) {
                throw new ConfigException(where + " cannot be used: " + e.getMessage());
            }
            throw new BusyException(where + " is taken" + owner.map(pid -> " by the process with pid " + pid).orElse("")
                    + "; stop it, or take another port with --port");
        } catch (IOException e) {
            throw new UncheckedIOException("port " + number + " cannot be bound", e);
        }
    }

    /// The command line counts before the environment, that before the configuration.
    private static int number(Options options, Config config) {
        if (options.overrides().port() != null) {
            return options.overrides().port();
        }
        String variable = options.environment().getOrDefault("CHELA_GATEWAY_PORT", "");
        if (!variable.isBlank()) {
            return parse(variable);
        }
        Integer configured = config.gatewayOrEmpty().port();
        return configured == null ? DEFAULT_PORT : configured;
    }

    private static int parse(String variable) {
        try {
            int number = Integer.parseInt(variable.strip());
            if (number >= 0 && number <= 65535) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new ConfigException("CHELA_GATEWAY_PORT must be a port number, not '" + variable + "'");
    }

    private static List<InetAddress> addresses(Options options, Config config) {
        String bind = options.overrides().bind() != null
                ? options.overrides().bind()
                : config.gatewayOrEmpty().bind();
        return switch (bind == null ? "loopback" : bind) {
            case "loopback", "auto" -> List.of(address("127.0.0.1"), address("::1"));
            case "lan" -> List.of(address("0.0.0.0"));
            case "tailnet" -> List.of(tailnet());
            case "custom" -> {
                String host = config.gatewayOrEmpty().customBindHost();
                if (host == null) {
                    throw new ConfigException("gateway.bind 'custom' needs gateway.customBindHost");
                }
                yield List.of(address(host));
            }
            default -> throw new ConfigException("bind must be loopback, lan, tailnet, auto or custom, not '" + bind
                    + "'");
        };
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("gateway.customBindHost must be an IP address, not '" + literal + "'");
        }
    }

    private static InetAddress tailnet() {
        try {
            Optional<InetAddress> found = NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses).filter(Listening::isTailnet).findFirst();
            return found.orElseThrow(() -> new ConfigException(
                    "gateway.bind 'tailnet' needs an address in 100.64.0.0/10; this machine has none"));
        } catch (SocketException e) {
            throw new UncheckedIOException("the addresses of this machine cannot be read", e);
        }
    }

    private static boolean isTailnet(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xC0) == 64;
    }

    /// What a client on this machine connects to.
    static String url(Port port, Options options, Config config) {
        List<InetAddress> addresses = addresses(options, config);
        InetAddress first = addresses.getFirst();
        String host = first.isAnyLocalAddress() ? "127.0.0.1" : first.getHostAddress();
        return "ws://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port.number();
    }
}
