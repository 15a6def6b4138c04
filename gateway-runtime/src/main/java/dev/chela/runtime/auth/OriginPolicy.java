package dev.chela.runtime.auth;

import java.util.List;
import java.util.Locale;

/// Which pages may connect at all.
///
/// @param allowed the origins of `gateway.controlUi.allowedOrigins`; `*` allows all
public record OriginPolicy(List<String> allowed) {

    /// Copies the list, lower case.
    public OriginPolicy {
        allowed = allowed.stream().map(origin -> origin.toLowerCase(Locale.ROOT)).toList();
    }

    /// What the policy says of a request.
    public enum Verdict {
        /// No page asks.
        NO_PAGE,
        /// The gateway's own page, or a listed one.
        OWN,
        /// A page of this machine that may connect, but is not trusted to bring a new device.
        TOLERATED,
        /// A page that may not connect.
        FOREIGN
    }

    /// Judges where a request comes from.
    public Verdict judge(Ingress ingress) {
        String origin = ingress.origin();
        if (origin == null) {
            return Verdict.NO_PAGE;
        } else if (Ingress.originHost(origin).isEmpty()) {
            return Verdict.FOREIGN;
        } else if (allowed.contains("*") || allowed.contains(origin.toLowerCase(Locale.ROOT))) {
            return Verdict.OWN;
        } else if (ingress.isOwnOrigin() && isPrivate(Ingress.hostName(ingress.host()), ingress)) {
            return Verdict.OWN;
        }
        return ingress.isLocalDirect() && ingress.isLoopbackOrigin() ? Verdict.TOLERATED : Verdict.FOREIGN;
    }

    /// An origin equal to the Host header proves nothing for a public name: a rebound name has both.
    private static boolean isPrivate(String name, Ingress ingress) {
        if (Ingress.isLoopbackName(name)) {
            return ingress.peer().isLoopbackAddress();
        }
        return name.endsWith(".local") || name.endsWith(".ts.net") || isPrivateLiteral(name);
    }

    private static boolean isPrivateLiteral(String name) {
        return name.matches("10(\\.\\d{1,3}){3}|192\\.168(\\.\\d{1,3}){2}|172\\.(1[6-9]|2\\d|3[01])(\\.\\d{1,3}){2}"
                + "|100\\.(6[4-9]|[7-9]\\d|1[01]\\d|12[0-7])(\\.\\d{1,3}){2}|f[cd][0-9a-f]{2}:[0-9a-f:]*");
    }
}
