package dev.chela.plugin.openai;

import java.net.URI;
import java.util.Optional;

import dev.chela.api.agent.EngineException;
import dev.chela.api.agent.EngineException.Kind;
import dev.chela.api.agent.Model;
import dev.chela.api.config.Secret;

import org.jspecify.annotations.Nullable;

/// Whom one turn asks.
///
/// @param url where answers are made
/// @param apiKey null if none is sent
record Target(Model model, URI url, @Nullable Secret apiKey) {

    /// @param chosen the gateway's choice; its endpoint counts before the defaults
    static Target of(Optional<Model> chosen, Defaults defaults) throws EngineException {
        if (chosen.isEmpty()) {
            throw unusable("no model is configured; set agents.defaults.model or OPENAI_MODEL");
        }
        Model model = chosen.get();
        boolean own = model.provider().equals(Defaults.PROVIDER);
        Model.Endpoint endpoint = model.endpoint();
        if (endpoint == null && !own) {
            throw unusable("nothing says where provider '" + model.provider() + "' is reached; set models.providers."
                    + model.provider() + ".baseUrl");
        }
        URI base = endpoint == null
                ? defaults.baseUrl()
                : Defaults.url(endpoint.baseUrl()).orElseThrow(() -> unusable("models.providers." + model.provider()
                        + ".baseUrl must be an http or https URL without a user, query or fragment"));
        Secret key = endpoint == null ? defaults.apiKey() : endpoint.apiKey();
        if (key == null && own && base.equals(defaults.baseUrl())) {
            key = defaults.apiKey();
        }
        return new Target(model, URI.create(base + "/chat/completions"), usable(key, model.provider()));
    }

    private static @Nullable Secret usable(@Nullable Secret key, String provider) throws EngineException {
        if (key == null || key.value().isBlank()) {
            return null;
        } else if (!key.value().strip().chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
            throw unusable("the API key of provider '" + provider + "' has characters that no key has");
        }
        return new Secret(key.value().strip());
    }

    private static EngineException unusable(String message) {
        return new EngineException(Kind.UNKNOWN, message);
    }

    /// The provider as people know it.
    String name() {
        return "provider '" + model.provider() + "'";
    }

    /// The host and port that are asked.
    String host() {
        return url.getAuthority();
    }

    /// Whether this is the service that renamed `max_tokens`.
    boolean isOpenAi() {
        return "api.openai.com".equals(url.getHost());
    }
}
