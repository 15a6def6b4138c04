package dev.chela.plugin.openai;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.config.Secret;

import org.jspecify.annotations.Nullable;

/// The provider and model used where the gateway's configuration leaves them open: the plugin's settings, then the
/// environment.
///
/// @param model null if a chat must say which
record Defaults(URI baseUrl, @Nullable Secret apiKey, @Nullable String model) {

    /// The id of the provider that these are for.
    static final String PROVIDER = "openai";

    private static final String PUBLIC = "https://api.openai.com/v1";

    /// @throws IllegalArgumentException naming the setting or variable that can't be used
    static Defaults of(OpenAiSettings settings, Map<String, String> environment) {
        String set = settings.baseUrl();
        String baseUrl = set != null ? set : variable(environment, "OPENAI_BASE_URL").orElse(PUBLIC);
        String name = set != null ? "plugins.entries.openai.config.baseUrl" : "OPENAI_BASE_URL";
        Secret key = settings.apiKey() != null
                ? settings.apiKey()
                : variable(environment, "OPENAI_API_KEY").map(Secret::new).orElse(null);
        String model = settings.model() != null
                ? settings.model()
                : variable(environment, "OPENAI_MODEL").orElse(null);
        return new Defaults(url(baseUrl).orElseThrow(() -> new IllegalArgumentException(
                name + " must be an http or https URL without a user, query or fragment")), key, model);
    }

    private static Optional<String> variable(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    /// The base URL without slashes at its end. Its text may hold a secret in the wrong place and is never shown.
    static Optional<URI> url(String text) {
        try {
            URI url = URI.create(text.strip().replaceAll("/+$", ""));
            boolean usable = ("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()))
                    && url.getHost() != null && url.getUserInfo() == null && url.getQuery() == null
                    && url.getFragment() == null;
            return usable ? Optional.of(url) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
