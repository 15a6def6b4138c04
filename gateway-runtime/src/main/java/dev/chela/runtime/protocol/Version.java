package dev.chela.runtime.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/// Which versions this is; written by the build.
///
/// @param product the gateway's own
/// @param api what plugins are checked against
public record Version(String product, String api) {

    /// What this process runs.
    public static final Version CURRENT = read();

    private static Version read() {
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            var properties = new Properties();
            properties.load(in);
            return new Version(properties.getProperty("product"), properties.getProperty("api"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
