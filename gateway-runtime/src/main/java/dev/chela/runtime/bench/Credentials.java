package dev.chela.runtime.bench;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;

import dev.chela.runtime.json.JsonBuffer;
import dev.chela.runtime.protocol.Version;

/// What load clients show at the handshake.
///
/// @param token the shared token; empty if there is none
/// @param password the shared password; empty if there is none
/// @param protocol the one protocol they speak, 3 or 4
/// @param device whether they prove to hold a key
/// @param scopes what they ask for
public record Credentials(String token, String password, int protocol, DeviceUse device, List<String> scopes) {

    private static final String CLIENT = "cli";
    private static final String PLATFORM = "java";

    /// Which keys load clients have.
    public enum DeviceUse {
        /// None: the secret has to do.
        NONE,
        /// One for all clients.
        SHARED,
        /// Each client its own.
        UNIQUE
    }

    /// Copies the scopes.
    public Credentials {
        scopes = List.copyOf(scopes);
    }

    /// The whole `connect` request with the id 0.
    ///
    /// @param nonce the challenge's
    /// @param time the challenge's
    byte[] connect(Optional<Device> key, String nonce, long time) {
        var frame = new JsonBuffer(1024).raw("{\"type\":\"req\",\"id\":\"0\",\"method\":\"connect\",\"params\":{");
        frame.raw("\"minProtocol\":").number(protocol).raw(",\"maxProtocol\":").number(protocol);
        frame.raw(",\"client\":{\"id\":").text(CLIENT).raw(",\"version\":").text(Version.CURRENT.product())
                .raw(",\"platform\":").text(PLATFORM).raw(",\"mode\":").text(CLIENT);
        frame.raw("},\"role\":\"operator\",\"scopes\":[");
        Iterator<String> names = scopes.iterator();
        while (names.hasNext()) {
            frame.text(names.next()).raw(names.hasNext() ? "," : "");
        }
        frame.raw("],\"caps\":[],\"auth\":{");
        if (!token.isEmpty()) {
            frame.raw("\"token\":").text(token);
        }
        if (!password.isEmpty()) {
            frame.raw(token.isEmpty() ? "" : ",").raw("\"password\":").text(password);
        }
        frame.raw("}");
        key.ifPresent(device -> prove(frame, device, nonce, time));
        return frame.raw("}}").toBytes();
    }

    /// Each protocol's own form is signed: with another one a server may check twice.
    private void prove(JsonBuffer frame, Device key, String nonce, long time) {
        String form = protocol >= 4 ? "v3" : "v2";
        String text = String.join("|", form, key.id(), CLIENT, CLIENT, "operator", String.join(",", scopes),
                Long.toString(time), token, nonce);
        frame.raw(",\"device\":{\"id\":").text(key.id()).raw(",\"publicKey\":").text(key.publicKey());
        frame.raw(",\"signature\":").text(key.sign(protocol >= 4 ? text + "|" + PLATFORM + "|" : text));
        frame.raw(",\"signedAt\":").number(time).raw(",\"nonce\":").text(nonce).raw("}");
    }
}
