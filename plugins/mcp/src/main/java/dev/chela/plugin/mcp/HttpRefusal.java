package dev.chela.plugin.mcp;

import java.io.IOException;

/// An answer by HTTP that is none: a redirect or an error.
final class HttpRefusal extends IOException {

    private static final long serialVersionUID = 1L;

    HttpRefusal(int status) {
        super("it answers with HTTP " + status + meaning(status));
    }

    private static String meaning(int status) {
        return switch (status) {
            case 401, 403 -> "; look at its headers in the configuration";
            case 404 -> "; look at its url in the configuration";
            default -> status >= 300 && status < 400 ? "; redirects are not followed, its url must be where it is" : "";
        };
    }
}
