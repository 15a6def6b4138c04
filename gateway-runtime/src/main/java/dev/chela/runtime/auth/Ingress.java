package dev.chela.runtime.auth;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/// How a request reached the port. Trust is decided by the socket's address, never by a header's claim.
///
/// @param peer the address of the socket's other end
/// @param host the `Host` header, empty if there is none
/// @param origin the `Origin` header; null if there is none or it is blank
/// @param proxied whether a header says that the request was forwarded
public record Ingress(InetAddress peer, String host, @Nullable String origin, boolean proxied) {

    private static final Set<String> PROXY_HEADERS = Set.of("forwarded", "x-real-ip", "tailscale-user-login",
            "tailscale-user-name", "tailscale-user-profile-pic", "tailscale-headers-info",
            "tailscale-funnel-request");

    /// Makes a blank origin none.
    public Ingress {
        origin = origin == null || origin.isBlank() ? null : origin.strip();
    }

    /// Whether a header of that name says that somebody forwarded the request.
    public static boolean isProxyHeader(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.startsWith("x-forwarded-") || PROXY_HEADERS.contains(lower);
    }

    /// Whether the request comes from this machine, straight, under a name of this machine. The name matters: a page
    /// that makes a foreign name resolve to this machine must not count as local.
    public boolean isLocalDirect() {
        return peer.isLoopbackAddress() && !proxied && isLoopbackName(hostName(host));
    }

    /// Whether the page that asks is the gateway's own.
    public boolean isOwnOrigin() {
        return origin != null
                && originHost(origin).filter(name -> name.equals(host.toLowerCase(Locale.ROOT))).isPresent();
    }

    /// Whether the page that asks was served by this machine, on whatever port.
    public boolean isLoopbackOrigin() {
        return origin != null && originHost(origin).map(Ingress::hostName).filter(Ingress::isLoopbackName).isPresent();
    }

    /// The address without brackets and zone, for people.
    public String peerText() {
        return peer.getHostAddress();
    }

    /// `host[:port]` of an origin, lower case; empty if it is none: `scheme://host[:port]` and nothing else but a slash.
    static Optional<String> originHost(String origin) {
        int scheme = origin.indexOf("://");
        if (scheme <= 0) {
            return Optional.empty();
        }
        String rest = origin.substring(scheme + 3);
        rest = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
        boolean plain = !rest.isEmpty() && rest.chars().noneMatch(c -> "/@?#\\ ".indexOf(c) >= 0);
        return plain ? Optional.of(rest.toLowerCase(Locale.ROOT)) : Optional.empty();
    }

    /// The name without port and brackets.
    static String hostName(String host) {
        String name = host.strip().toLowerCase(Locale.ROOT);
        if (name.startsWith("[")) {
            int end = name.indexOf(']');
            return end < 0 ? name : name.substring(1, end);
        }
        int colon = name.indexOf(':');
        return colon < 0 || colon != name.lastIndexOf(':') ? name : name.substring(0, colon);
    }

    /// Literals and `localhost` only: a name that merely starts with 127 is somebody else's.
    static boolean isLoopbackName(String name) {
        return name.equals("localhost") || name.equals("::1") || name.equals("0:0:0:0:0:0:0:1")
                || name.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }
}
