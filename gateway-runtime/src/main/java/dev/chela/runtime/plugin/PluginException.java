package dev.chela.runtime.plugin;

/// A jar that can't become a plugin; the message is the one precise reason.
final class PluginException extends Exception {

    private static final long serialVersionUID = 1L;

    PluginException(String reason) {
        super(reason);
    }

    PluginException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
