package dev.chela.runtime.protocol;

import java.util.List;
import java.util.Map;

import dev.chela.api.json.Bounds;
import dev.chela.api.json.Json;
import dev.chela.api.json.OneOf;

import org.jspecify.annotations.Nullable;

/// The params of `connect`: who the client says it is and what it asks for. Nothing in here is verified.
public record ConnectParams(@Bounds(min = 1) int minProtocol, @Bounds(min = 1) int maxProtocol, Client client,
        @Nullable List<String> caps, @Nullable List<String> commands, @Nullable Map<String, Boolean> permissions,
        @Nullable String pathEnv, @Nullable @Bounds(min = 1) String role, @Nullable List<String> scopes,
        @Nullable Device device, @Nullable Auth auth, @Nullable String locale, @Nullable String userAgent,
        @Nullable Json computerUse, @Nullable Json workerRuns, @Nullable Json modelCatalog,
        @Nullable Resume resume) {

    /// The program that connects.
    ///
    /// @param id one of the protocol's; a claim, not a proof
    public record Client(
            @OneOf({"webchat-ui", "openclaw-control-ui", "openclaw-browser-copilot", "openclaw-tui", "webchat", "cli",
                    "gateway-client", "openclaw-macos", "openclaw-linux", "openclaw-ios", "openclaw-watchos",
                    "openclaw-android", "node-host", "openclaw-worker", "test", "fingerprint",
                    "openclaw-probe"}) String id,
            @Nullable @Bounds(min = 1) String displayName, String version,
            @Nullable @Bounds(min = 1, max = 96) String buildId, String platform,
            @Nullable @Bounds(min = 1) String deviceFamily, @Nullable @Bounds(min = 1) String modelIdentifier,
            @Nullable @Bounds(min = 1, max = 64) String timeZone,
            @OneOf({"webchat", "cli", "ui", "backend", "node", "worker", "probe", "test"}) String mode,
            @Nullable @Bounds(min = 1) String instanceId) {}

    /// The device's identity and the proof that it holds the key.
    ///
    /// @param nonce the challenge's; clients of protocol 3 may leave it out
    public record Device(String id, String publicKey, String signature, @Bounds(min = 0) long signedAt,
            @Nullable String nonce) {}

    /// What the client offers as proof that it may come in.
    public record Auth(@Nullable String token, @Nullable String bootstrapToken, @Nullable String deviceToken,
            @Nullable String password, @Nullable String approvalRuntimeToken,
            @Nullable String agentRuntimeIdentityToken) {

        /// Nothing offered.
        public static final Auth NONE = new Auth(null, null, null, null, null, null);

        /// What device proofs sign as their token.
        public String signedToken() {
            if (token != null) {
                return token;
            } else if (deviceToken != null) {
                return deviceToken;
            }
            return bootstrapToken == null ? "" : bootstrapToken;
        }
    }

    /// Where the client was in its events when it lost its connection; of Chela, not of the official protocol.
    ///
    /// @param handle as an earlier hello told it
    /// @param offset of the last event it has dealt with; 0 if of none
    public record Resume(@Bounds(min = 1, max = 128) String handle, @Bounds(min = 0) long offset) {}

    /// Makes absent parts empty ones.
    ///
    /// @throws IllegalArgumentException if the client resumes without having asked for it
    public ConnectParams {
        caps = caps == null ? List.of() : List.copyOf(caps);
        if (resume != null && !caps.contains(Hello.EVENT_RESUME)) {
            throw new IllegalArgumentException("resume needs '" + Hello.EVENT_RESUME + "' in caps");
        }
        scopes = scopes == null ? List.of() : List.copyOf(scopes);
        auth = auth == null ? Auth.NONE : auth;
        role = role == null ? "operator" : role;
    }

    /// The capabilities claimed.
    @Override
    public List<String> caps() {
        return caps == null ? List.of() : caps;
    }

    /// Whether the client wants to be able to get events it missed.
    public boolean asksToResume() {
        return caps().contains(Hello.EVENT_RESUME);
    }

    /// The scopes asked for, in the order sent.
    @Override
    public List<String> scopes() {
        return scopes == null ? List.of() : scopes;
    }

    /// What is offered.
    @Override
    public Auth auth() {
        return auth == null ? Auth.NONE : auth;
    }

    /// The role asked for.
    @Override
    public String role() {
        return role == null ? "operator" : role;
    }

    /// Whether the client is an interface for people that keeps a device key.
    public boolean isControlUi() {
        return client.id.equals("openclaw-control-ui") || client.id.equals("openclaw-tui")
                || client.id.equals("openclaw-browser-copilot");
    }

    /// Whether the client runs in a browser, so that it must name its origin.
    public boolean isBrowser() {
        return client.id.equals("openclaw-control-ui") || client.id.equals("openclaw-browser-copilot")
                || client.id.equals("webchat-ui") || client.mode.equals("webchat");
    }
}
