package dev.chela.runtime;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

import dev.chela.runtime.channel.Channels;
import dev.chela.runtime.delivery.Deliveries;
import dev.chela.runtime.event.Handles;
import dev.chela.runtime.protocol.Limits;

import org.jspecify.annotations.Nullable;

/// How a gateway is started.
///
/// @param stateDir its folder
/// @param configFile the configuration named by the caller; empty to look into the state folder
/// @param bundledPlugins the folder of the distribution's own plugin jars; null if there is none
/// @param environment for `${VAR}` and for plugins
/// @param overrides what counts before the configuration
/// @param limits what one client may cost
/// @param clock the time
/// @param drain how long runs may go on when the gateway stops
/// @param handles by which clients get events they missed; given to the next gateway of this process, they outlive this one
/// @param pace how patient it is with what fails outside
public record Options(Path stateDir, String configFile, @Nullable Path bundledPlugins, Map<String, String> environment,
        Overrides overrides, Limits limits, InstantSource clock, Duration drain,
        Handles handles, Pace pace) {

    /// How patient it is with what fails outside.
    ///
    /// @param channels with accounts of channels
    /// @param deliveries with messages that are to be sent
    public record Pace(Channels.Pace channels, Deliveries.Pace deliveries) {

        /// As released.
        public static Pace standard() {
            return new Pace(Channels.Pace.standard(), Deliveries.Pace.standard());
        }
    }

    /// What counts before the configuration; null where nothing does.
    public record Overrides(@Nullable Integer port, @Nullable String bind, @Nullable String authMode,
            @Nullable String token, @Nullable String password) {

        /// Nothing.
        public static final Overrides NONE = new Overrides(null, null, null, null, null);
    }

    /// A gateway in a folder, otherwise as released.
    public static Options in(Path stateDir) {
        return new Options(stateDir, "", null, System.getenv(), Overrides.NONE, Limits.standard(),
                InstantSource.system(), Duration.ofSeconds(5), new Handles(Handles.Room.standard()), Pace.standard());
    }

    /// The same on that port; 0 takes any free one.
    public Options onPort(int port) {
        return with(new Overrides(port, overrides.bind(), overrides.authMode(), overrides.token(),
                overrides.password()));
    }

    /// The same with that token.
    public Options withToken(String token) {
        return with(new Overrides(overrides.port(), overrides.bind(), "token", token, null));
    }

    /// The same with other overrides.
    public Options with(Overrides other) {
        return new Options(stateDir, configFile, bundledPlugins, environment, other, limits, clock, drain, handles,
                pace);
    }

    /// The same with another configuration.
    public Options withConfig(String file) {
        return new Options(stateDir, file, bundledPlugins, environment, overrides, limits, clock, drain, handles, pace);
    }

    /// The same with bundled plugins.
    public Options withBundled(@Nullable Path folder) {
        return new Options(stateDir, configFile, folder, environment, overrides, limits, clock, drain, handles, pace);
    }

    /// The same with another environment.
    public Options withEnvironment(Map<String, String> variables) {
        return new Options(stateDir, configFile, bundledPlugins, Map.copyOf(variables), overrides, limits, clock, drain,
                handles, pace);
    }

    /// The same with other limits.
    public Options withLimits(Limits other) {
        return new Options(stateDir, configFile, bundledPlugins, environment, overrides, other, clock, drain, handles,
                pace);
    }

    /// The same with another clock.
    public Options withClock(InstantSource other) {
        return new Options(stateDir, configFile, bundledPlugins, environment, overrides, limits, other, drain, handles,
                pace);
    }

    /// The same with another time for running work when it stops.
    public Options drainingFor(Duration time) {
        return new Options(stateDir, configFile, bundledPlugins, environment, overrides, limits, clock, time, handles,
                pace);
    }

    /// The same with other handles.
    public Options withHandles(Handles other) {
        return new Options(stateDir, configFile, bundledPlugins, environment, overrides, limits, clock, drain, other,
                pace);
    }

    /// The same with other patience.
    public Options withPace(Pace other) {
        return new Options(stateDir, configFile, bundledPlugins, environment, overrides, limits, clock, drain, handles,
                other);
    }
}
