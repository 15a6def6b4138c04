package dev.chela.plugin.mcp;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

import dev.chela.api.config.Secret;
import dev.chela.api.json.Bounds;
import dev.chela.api.json.OneOf;

import org.jspecify.annotations.Nullable;

/// One MCP server: a program to start, or an address. The names are those of the original's configuration, which is why
/// there are so many side by side.
///
/// @param enabled false keeps it without using it
/// @param command the program; found by the gateway's own PATH
/// @param env variables it gets besides a few that every program needs
/// @param cwd where it is started; the gateway's own folder if absent
/// @param url where it is reached
/// @param transport how; follows from the others
/// @param headers sent with every request
/// @param timeout how many seconds a call may take (default: 60)
/// @param connectTimeout how many seconds it may take until it is ready (default: 30)
/// @param toolFilter which of its tools are offered
record ServerSettings(@Nullable Boolean enabled, @Bounds(min = 1, max = 4096) @Nullable String command,
        @Bounds(max = 256) @Nullable List<String> args, @Nullable Map<String, Secret> env,
        @Bounds(min = 1, max = 4096) @Nullable String cwd, @Bounds(min = 1, max = 4096) @Nullable String url,
        @OneOf({
                "stdio", "streamable-http", "http"}) @Nullable String transport,
        @Nullable Map<String, Secret> headers, @Bounds(min = 1, max = 600) @Nullable Integer timeout,
        @Bounds(min = 1, max = 600) @Nullable Integer connectTimeout, @Nullable ToolFilter toolFilter) {

    private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}");
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]{0,8192}");
    private static final Pattern VARIABLE = Pattern.compile("[^=\\x00]{1,256}");
    /// What belongs to the connection or to the protocol itself.
    private static final Set<String> TAKEN = Set.of("accept", "connection", "content-length", "content-type", "expect",
            "host", "mcp-protocol-version", "mcp-session-id", "transfer-encoding", "upgrade");

    /// It is one of the two, and nothing is said that would have no effect.
    ServerSettings {
        check((command == null) != (url == null), "a server has either a command or a url");
        boolean program = command != null;
        check(transport == null || program == transport.equals("stdio"),
                "transport '" + transport + "' does not go with a " + (program ? "command" : "url"));
        check(program || (args == null && env == null && cwd == null),
                "args, env and cwd go with a command, not a url");
        check(!program || headers == null, "headers go with a url, not a command");
        if (url != null) {
            checkUrl(url);
        }
        if (headers != null) {
            headers.forEach(ServerSettings::checkHeader);
        }
        if (env != null) {
            env.forEach((name, value) -> check(VARIABLE.matcher(name).matches() && value.value().indexOf(0) < 0,
                    "'" + name + "' is no proper variable"));
        }
    }

    /// Which tools of a server are offered, by their names there; `*` stands for anything.
    ///
    /// @param include the only ones; all are if it is absent or empty
    /// @param exclude never
    record ToolFilter(@Bounds(max = 256) @Nullable List<String> include,
            @Bounds(max = 256) @Nullable List<String> exclude) {

        boolean permits(String tool) {
            return (include == null || include.isEmpty() || covers(include, tool))
                    && (exclude == null || !covers(exclude, tool));
        }

        private static boolean covers(List<String> patterns, String tool) {
            return patterns.stream()
                    .anyMatch(pattern -> tool.matches(Pattern.quote(pattern).replace("*", "\\E.*\\Q")));
        }
    }

    private static void checkUrl(String url) {
        try {
            URI parsed = URI.create(url);
            String scheme = Objects.requireNonNullElse(parsed.getScheme(), "").toLowerCase(Locale.ROOT);
            check(Set.of("http", "https").contains(scheme) && parsed.getHost() != null
                    && parsed.getRawUserInfo() == null, "url must be http://host or https://host, without a password");
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("url must be http://host or https://host, without a password", e);
        }
    }

    private static void checkHeader(String name, Secret value) {
        check(HEADER.matcher(name).matches() && VALUE.matcher(value.value()).matches(),
                "'" + name + "' is no proper header");
        check(!TAKEN.contains(name.toLowerCase(Locale.ROOT)), "the header '" + name + "' is not yours to set");
    }

    private static void check(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    boolean isEnabled() {
        return !Boolean.FALSE.equals(enabled);
    }

    boolean offers(String tool) {
        return toolFilter == null || toolFilter.permits(tool);
    }

    Duration callLimit() {
        return Duration.ofSeconds(timeout == null ? 60 : timeout);
    }

    Duration connectLimit() {
        return Duration.ofSeconds(connectTimeout == null ? 30 : connectTimeout);
    }
}
