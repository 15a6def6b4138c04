package dev.chela.api.agent;

import java.util.List;
import java.util.Optional;

import dev.chela.api.config.Secret;

import org.jspecify.annotations.Nullable;

/// A language model and where it is reached.
///
/// @param provider the provider's id, such as `openai`
/// @param id the provider's name for the model
/// @param name the name people see
/// @param contextTokens how many tokens fit into its context; 0 if unknown
/// @param maxTokens how many tokens it may answer; 0 leaves it to the provider
/// @param endpoint where and how it is reached; null if the engine knows by itself
/// @param input what it can be given, such as `text` and `image`; empty if nothing says so
public record Model(String provider, String id, String name, int contextTokens, int maxTokens,
        @Nullable Endpoint endpoint, List<String> input) {

    /// Copies what it can be given.
    public Model {
        input = List.copyOf(input);
    }

    /// A model of which nothing says what it can be given.
    public Model(String provider, String id, String name, int contextTokens, int maxTokens,
            @Nullable Endpoint endpoint) {
        this(provider, id, name, contextTokens, maxTokens, endpoint, List.of());
    }

    /// Where a provider is reached.
    ///
    /// @param api the API it speaks, such as `openai-completions`
    /// @param baseUrl without a slash at the end
    /// @param apiKey sent as a bearer token; null if none is needed
    public record Endpoint(String api, String baseUrl, @Nullable Secret apiKey) {}

    /// `provider/id`, as the configuration writes it.
    public String ref() {
        return provider + "/" + id;
    }

    /// Whether it can be given things of a kind, such as `image`; yes if nothing says what it can be given.
    public boolean takes(String kind) {
        return input.isEmpty() || input.contains(kind);
    }

    /// Where it is reached, if the configuration says.
    public Optional<Endpoint> reachedAt() {
        return Optional.ofNullable(endpoint);
    }
}
