package dev.chela.runtime.connection;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import dev.chela.api.json.Json;
import dev.chela.api.rpc.Caller;
import dev.chela.api.rpc.ErrorCode;
import dev.chela.api.rpc.Role;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.auth.Authenticator;
import dev.chela.runtime.auth.DeviceProof;
import dev.chela.runtime.auth.Ingress;
import dev.chela.runtime.auth.OriginPolicy;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.pairing.Pairing;
import dev.chela.runtime.protocol.ConnectParams;
import dev.chela.runtime.protocol.ConnectParams.Device;
import dev.chela.runtime.protocol.Dialect;
import dev.chela.runtime.protocol.Failure;
import dev.chela.runtime.websocket.CloseCode;

import org.jspecify.annotations.Nullable;

/// Decides whether a client that says who it is may come in, and as whom.
///
/// The order of the checks is part of the protocol: it decides which error a client sees.
public final class Handshake {

    private final Authenticator authenticator;
    private final Supplier<OriginPolicy> origins;
    private final Pairing pairing;
    private final InstantSource clock;
    private final JsonCodec codec = new JsonCodec();

    /// A handshake by the rules of these parts.
    public Handshake(Authenticator authenticator, Supplier<OriginPolicy> origins, Pairing pairing,
            InstantSource clock) {
        this.authenticator = authenticator;
        this.origins = origins;
        this.pairing = pairing;
        this.clock = clock;
    }

    /// The decision.
    public sealed interface Outcome {

        /// Come in.
        ///
        /// @param deviceProven whether the client proved a device
        record Welcome(Dialect dialect, Caller caller, boolean deviceProven) implements Outcome {}

        /// Stay out; the connection is closed with the reason after the error.
        record Refused(Failure failure, int closeCode, String closeReason) implements Outcome {}
    }

    /// One client's attempt.
    private record Attempt(ConnectParams params, Dialect dialect, Ingress ingress, OriginPolicy.Verdict origin) {

        boolean local() {
            return ingress.isLocalDirect();
        }

        boolean isNode() {
            return params.role().equals(Role.NODE.name());
        }
    }

    /// Decides about a `connect`.
    ///
    /// @param nonce this connection's challenge
    public Outcome decide(ConnectParams params, Ingress ingress, String nonce) {
        Optional<Dialect> dialect = Dialect.negotiate(params.minProtocol(), params.maxProtocol());
        if (dialect.isEmpty()) {
            return protocolMismatch(params);
        }
        var attempt = new Attempt(params, dialect.get(), ingress, origins.get().judge(ingress));
        if (!params.role().equals(Role.OPERATOR.name()) && !attempt.isNode()) {
            return refused(Failure.invalid("invalid role"));
        } else if (attempt.origin() == OriginPolicy.Verdict.FOREIGN
                || (attempt.origin() == OriginPolicy.Verdict.NO_PAGE && params.isBrowser())) {
            return foreignOrigin(attempt);
        }
        Authenticator.Outcome auth = authenticator.check(params.auth());
        return params.device() == null
                ? withoutDevice(attempt, auth)
                : withDevice(attempt, params.device(), auth, nonce);
    }

    private Outcome withoutDevice(Attempt attempt, Authenticator.Outcome auth) {
        boolean accepted = auth instanceof Authenticator.Outcome.Accepted;
        boolean v3Node = attempt.isNode() && attempt.dialect() == Dialect.V3 && attempt.local() && accepted;
        if (attempt.params().isControlUi() && !isTrustedBackend(attempt, accepted)) {
            return deviceRequired(attempt, "CONTROL_UI_DEVICE_IDENTITY_REQUIRED");
        } else if (auth instanceof Authenticator.Outcome.Refused refused && !refused.nothingOffered()) {
            return unauthorized(attempt, refused.reason());
        } else if (!accepted || (attempt.isNode() && !v3Node)) {
            return deviceRequired(attempt, "DEVICE_IDENTITY_REQUIRED");
        }
        return welcome(attempt, "shared-secret", scopesWithoutDevice(attempt), false);
    }

    /// A secret alone proves no device; only programs of this machine that no page can imitate keep what they ask for.
    private static Set<Scope> scopesWithoutDevice(Attempt attempt) {
        boolean local = attempt.local() && attempt.origin() == OriginPolicy.Verdict.NO_PAGE;
        if (attempt.isNode() || !local) {
            return Set.of();
        } else if (attempt.dialect() == Dialect.V3) {
            return requested(attempt);
        }
        ConnectParams.Client client = attempt.params().client();
        boolean cli = client.id().equals("cli") && client.mode().equals("cli");
        return cli || isTrustedBackend(attempt, true) ? requested(attempt) : Set.of();
    }

    private static boolean isTrustedBackend(Attempt attempt, boolean accepted) {
        ConnectParams.Client client = attempt.params().client();
        return accepted && attempt.local() && attempt.origin() == OriginPolicy.Verdict.NO_PAGE
                && client.id().equals("gateway-client") && client.mode().equals("backend");
    }

    private Outcome withDevice(Attempt attempt, Device device, Authenticator.Outcome auth, String nonce) {
        Optional<DeviceProof.Flaw> flaw = DeviceProof.check(attempt.params(), device,
                new DeviceProof.Circumstances(attempt.dialect(), nonce, clock.millis(), attempt.local()));
        if (flaw.isPresent()) {
            return refused(detailed(attempt, Failure.invalid(flaw.get().message()),
                    Map.of("code", flaw.get().code(), "reason", flaw.get().reason())));
        } else if (auth instanceof Authenticator.Outcome.Refused refused) {
            boolean byDeviceToken = attempt.params().auth().deviceToken() != null;
            return unauthorized(attempt, byDeviceToken ? "device_token_mismatch" : refused.reason());
        }
        Set<Scope> scopes = attempt.isNode() ? Set.of() : requested(attempt);
        var arrival = new Pairing.Arrival(device.id(), attempt.local(),
                attempt.origin() == OriginPolicy.Verdict.TOLERATED);
        return switch (pairing.admit(arrival)) {
            case Pairing.Verdict.Admitted _ -> welcome(attempt, "device:" + device.id(), scopes, true);
            case Pairing.Verdict.NotPaired(String requestId) -> notPaired(attempt, device, requestId);
        };
    }

    /// Protocol 3 gives everything to an operator that asks for nothing; here only on this machine.
    private static Set<Scope> requested(Attempt attempt) {
        Set<Scope> scopes = new LinkedHashSet<>();
        attempt.params().scopes().forEach(name -> scopes.add(new Scope(name)));
        boolean v3Default = scopes.isEmpty() && attempt.dialect() == Dialect.V3 && attempt.local();
        return v3Default ? Set.of(Scope.ADMIN) : scopes;
    }

    private static Outcome welcome(Attempt attempt, String principal, Set<Scope> scopes, boolean deviceProven) {
        var caller = new Caller(principal, new Role(attempt.params().role()), scopes, attempt.params().client().id());
        return new Outcome.Welcome(attempt.dialect(), caller, deviceProven);
    }

    private Outcome protocolMismatch(ConnectParams params) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("code", "PROTOCOL_MISMATCH");
        details.put("clientMinProtocol", params.minProtocol());
        details.put("clientMaxProtocol", params.maxProtocol());
        details.put("expectedProtocol", Dialect.CURRENT);
        details.put("minimumProbeProtocol", Dialect.V3.version());
        Failure failure = Failure.invalid("protocol mismatch").with(codec.encode(details));
        return new Outcome.Refused(failure, CloseCode.PROTOCOL_ERROR, failure.message());
    }

    private Outcome foreignOrigin(Attempt attempt) {
        boolean named = attempt.ingress().origin() != null;
        String reason = named ? "origin not allowed" : "origin missing or invalid";
        String hint = named
                ? " (add it to gateway.controlUi.allowedOrigins to let this page in)"
                : " (a client of this kind must name the page it runs in)";
        return refused(detailed(attempt, Failure.invalid("origin not allowed" + hint),
                Map.of("code", "CONTROL_UI_ORIGIN_NOT_ALLOWED", "reason", reason)));
    }

    private Outcome deviceRequired(Attempt attempt, String code) {
        Failure failure = Failure.of(ErrorCode.NOT_PAIRED, "device identity required");
        return refused(detailed(attempt, failure, Map.of("code", code)));
    }

    private Outcome unauthorized(Attempt attempt, String reason) {
        boolean hasDevice = attempt.params().device() != null;
        boolean mayRetry = reason.equals("token_mismatch") && hasDevice && attempt.params().auth().token() != null
                && attempt.params().auth().deviceToken() == null;
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("code", "AUTH_" + reason.toUpperCase(java.util.Locale.ROOT));
        details.put("authReason", reason);
        details.put("canRetryWithDeviceToken", mayRetry);
        details.put("recommendedNextStep", mayRetry
                ? "retry_with_device_token"
                : reason.endsWith("_missing") ? "update_auth_configuration" : "update_auth_credentials");
        String hint = switch (reason) {
            case "token_missing" -> "gateway token missing (give the token this gateway was started with)";
            case "password_missing" -> "gateway password missing (give the password this gateway was started with)";
            case "token_mismatch" -> "gateway token mismatch (give the token this gateway was started with)";
            case "device_token_mismatch" -> "device token mismatch (this gateway issued no such token)";
            default -> "gateway password mismatch (give the password this gateway was started with)";
        };
        return refused(detailed(attempt, Failure.invalid("unauthorized: " + hint), details));
    }

    private Outcome notPaired(Attempt attempt, Device device, String requestId) {
        Map<String, @Nullable Object> details = new LinkedHashMap<>();
        if (attempt.dialect() == Dialect.V3) {
            details.put("requestId", requestId);
            Failure failure = Failure.of(ErrorCode.NOT_PAIRED, "pairing required");
            return refused(failure.with(codec.encode(details)));
        }
        details.put("code", "PAIRING_REQUIRED");
        details.put("reason", "not-paired");
        details.put("requestId", requestId);
        details.put("remediationHint", "connect from the machine the gateway runs on");
        details.put("deviceId", device.id());
        details.put("requestedRole", attempt.params().role());
        if (!attempt.params().scopes().isEmpty()) {
            details.put("requestedScopes", List.copyOf(attempt.params().scopes()));
        }
        Failure failure = Failure.of(ErrorCode.NOT_PAIRED, "pairing required: this device is not paired")
                .with(codec.encode(Json.of(details)));
        return new Outcome.Refused(failure, CloseCode.POLICY, failure.message() + " (requestId: " + requestId + ")");
    }

    private Failure detailed(Attempt attempt, Failure failure, Map<String, ?> details) {
        return attempt.dialect() == Dialect.V3 ? failure : failure.with(codec.encode(details));
    }

    private static Outcome refused(Failure failure) {
        return new Outcome.Refused(failure, CloseCode.POLICY, failure.message());
    }
}
