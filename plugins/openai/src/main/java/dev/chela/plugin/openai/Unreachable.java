package dev.chela.plugin.openai;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import javax.net.ssl.SSLException;

import dev.chela.api.agent.EngineException;
import dev.chela.api.agent.EngineException.Kind;

/// Says why no answer began.
final class Unreachable {

    private Unreachable() {}

    static EngineException explain(Target target, Duration connectTimeout, IOException failure) {
        String who = target.name() + " at " + target.host();
        if (failure instanceof HttpConnectTimeoutException) {
            return new EngineException(Kind.TIMEOUT, who + " cannot be reached: no connection within "
                    + Refusal.shown(connectTimeout), failure);
        } else if (failure instanceof ConnectException) {
            String why = isUnresolved(failure) ? "no such host" : "the connection was refused";
            return new EngineException(Kind.UNKNOWN, who + " cannot be reached: " + why, failure);
        } else if (failure instanceof SSLException) {
            return new EngineException(Kind.UNKNOWN,
                    who + " cannot be reached over TLS; the log of the gateway at level"
                            + " debug says why",
                    failure);
        }
        return new EngineException(Kind.UNKNOWN, who + " closed the connection without an answer", failure);
    }

    private static boolean isUnresolved(Throwable failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return true;
            }
        }
        return false;
    }
}
