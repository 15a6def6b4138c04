package dev.chela.runtime.protocol;

import java.util.Optional;

import dev.chela.api.rpc.ErrorCode;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.json.JsonBuffer;
import dev.chela.runtime.json.JsonText;

/// What differs between protocol versions 3 and 4; negotiated once per connection.
public enum Dialect {

    /// Protocol 3, of the first releases.
    V3(3),

    /// Protocol 4.
    V4(4);

    /// The newest protocol version spoken here.
    public static final int CURRENT = 4;

    private final int version;

    Dialect(int version) {
        this.version = version;
    }

    /// The newest dialect within the client's range.
    public static Optional<Dialect> negotiate(int min, int max) {
        if (min <= 4 && max >= 4) {
            return Optional.of(V4);
        }
        return min <= 3 && max >= 3 ? Optional.of(V3) : Optional.empty();
    }

    /// The protocol version.
    public int version() {
        return version;
    }

    /// How a missing scope is told; clients parse the text.
    public Failure missingScope(Scope scope) {
        String message = "missing scope: " + scope.name();
        if (this == V3) {
            return Failure.of(ErrorCode.INVALID_REQUEST, message);
        }
        byte[] details = new JsonBuffer(128).raw("{\"code\":\"MISSING_SCOPE\",\"missingScope\":").text(scope.name())
                .raw(",\"requiredScopes\":[").text(scope.name()).raw("]}").toBytes();
        return Failure.of(ErrorCode.FORBIDDEN, message).with(JsonText.of(details));
    }
}
