package dev.chela.runtime.event;

import java.util.Locale;

/// Why a client does not get what it missed.
public enum Refusal {

    /// The handle is of another process, or is none at all.
    UNKNOWN_EPOCH,

    /// The handle is not kept any more: too old, displaced by newer ones, or revoked.
    EXPIRED,

    /// More was missed than a ring holds.
    OVERFLOW,

    /// The handle belongs to somebody else.
    OTHER_CALLER,

    /// Some of what was missed is not for the scopes the caller has now.
    SCOPES_CHANGED,

    /// The offset is beyond what was sent.
    UNKNOWN_OFFSET;

    /// As clients read it.
    public String reason() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
