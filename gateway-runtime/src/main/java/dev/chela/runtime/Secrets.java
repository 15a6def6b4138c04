package dev.chela.runtime;

import java.util.Optional;

import dev.chela.api.config.Secret;
import dev.chela.runtime.auth.SharedSecret;
import dev.chela.runtime.config.Config;
import dev.chela.runtime.config.ConfigException;
import dev.chela.runtime.instance.StateFolder;

import org.jspecify.annotations.Nullable;

/// Which secret lets clients in: given on the command line, configured, in the environment, or generated.
///
/// @param secret its digest
/// @param generated whether it is the one in the state folder
record Secrets(SharedSecret secret, boolean generated) {

    static Secrets choose(Options options, Config config, StateFolder folder) {
        Optional<String> token = first(options.overrides().token(), config.auth().token(),
                options.environment().get("CHELA_GATEWAY_TOKEN"));
        Optional<String> password = first(options.overrides().password(), config.auth().password(),
                options.environment().get("CHELA_GATEWAY_PASSWORD"));
        String asked = options.overrides().authMode() == null ? config.auth().mode() : options.overrides().authMode();
        boolean byPassword = asked == null ? token.isEmpty() && password.isPresent() : asked.equals("password");
        if (byPassword) {
            return new Secrets(secret(SharedSecret.Mode.PASSWORD, password.orElseThrow(() -> new ConfigException(
                    "gateway.auth.mode is 'password', but there is none; set gateway.auth.password"))), false);
        } else if (asked != null && !asked.equals("token")) {
            throw new ConfigException("auth must be token or password, not '" + asked + "'");
        }
        return token.map(given -> new Secrets(secret(SharedSecret.Mode.TOKEN, given), false))
                .orElseGet(() -> new Secrets(secret(SharedSecret.Mode.TOKEN, folder.token()), true));
    }

    private static SharedSecret secret(SharedSecret.Mode mode, String value) {
        try {
            return new SharedSecret(mode, value);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("gateway.auth: " + e.getMessage());
        }
    }

    private static Optional<String> first(@Nullable String given, @Nullable Secret configured,
            @Nullable String variable) {
        if (given != null) {
            return Optional.of(given);
        } else if (configured != null) {
            return Optional.of(configured.value());
        }
        return Optional.ofNullable(variable).filter(value -> !value.isBlank());
    }
}
