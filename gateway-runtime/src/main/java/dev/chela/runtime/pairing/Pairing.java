package dev.chela.runtime.pairing;

import java.util.UUID;

/// Which devices are let in.
///
/// A device with a valid proof and the right secret comes in if it connects straight from this machine and no foreign
/// page stands behind it. Nothing is remembered: the next connection proves itself again.
public final class Pairing {

    /// A device at the door; its proof and the secret were right.
    ///
    /// @param deviceId the hash of its key
    /// @param local whether it connects straight from this machine
    /// @param foreignPage whether a page that is neither the gateway's own nor listed stands behind it
    public record Arrival(String deviceId, boolean local, boolean foreignPage) {}

    /// What becomes of it.
    public sealed interface Verdict {

        /// It may come in.
        record Admitted() implements Verdict {}

        /// Somebody must let it in first.
        ///
        /// @param requestId names this attempt
        record NotPaired(String requestId) implements Verdict {}
    }

    /// Decides about a device.
    public Verdict admit(Arrival arrival) {
        return arrival.local() && !arrival.foreignPage()
                ? new Verdict.Admitted()
                : new Verdict.NotPaired(UUID.randomUUID().toString());
    }
}
