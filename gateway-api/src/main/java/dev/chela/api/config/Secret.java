package dev.chela.api.config;

/// A value that must not be seen: it prints as `***` and is redacted wherever settings are shown.
///
/// @param value the value itself; hand it on only to what needs it
public record Secret(String value) {

    @Override
    public String toString() {
        return "***";
    }
}
