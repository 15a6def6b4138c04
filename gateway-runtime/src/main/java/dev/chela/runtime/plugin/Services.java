package dev.chela.runtime.plugin;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.chela.api.Service;
import dev.chela.runtime.lifecycle.ClosePhase;

/// The background work of plugins: started in order, each within its time, stopped by phase in reverse.
public final class Services {

    private static final System.Logger LOG = System.getLogger("plugins");
    private static final Duration STOP = Duration.ofSeconds(5);

    private final List<PluginHost.OwnedService> started = new ArrayList<>();

    /// Starts all; one that fails is reported and stopped, the others go on.
    public void start(PluginHost host) {
        for (PluginHost.OwnedService one : host.services()) {
            if (!one.owner().enter()) {
                continue;
            }
            try {
                one.owner().bounded("start of service '" + one.name() + "'", Bounded.START, () -> {
                    one.service().start();
                    return true;
                });
                started.add(one);
            } catch (PluginException e) {
                LOG.log(Level.ERROR, "plugin '" + one.owner().id() + "': " + e.getMessage(), e);
                stop(one);
            }
        }
    }

    /// Stops those of a phase, the last started first.
    public void stop(ClosePhase phase) {
        for (PluginHost.OwnedService one : List.copyOf(started).reversed()) {
            if (phase(one.phase()) == phase) {
                started.remove(one);
                stop(one);
            }
        }
    }

    private static void stop(PluginHost.OwnedService one) {
        try {
            one.owner().bounded("stop of service '" + one.name() + "'", STOP, () -> {
                one.service().stop();
                return true;
            });
        } catch (PluginException e) {
            LOG.log(Level.WARNING, "plugin '" + one.owner().id() + "': " + e.getMessage(), e);
        } finally {
            one.owner().leave();
        }
    }

    private static ClosePhase phase(Service.Phase phase) {
        return switch (phase) {
            case EARLY -> ClosePhase.EARLY;
            case TIMERS -> ClosePhase.TIMERS;
            case EVENTS -> ClosePhase.EVENTS;
            case EXPOSURE -> ClosePhase.EXPOSURE;
            case DISCOVERY -> ClosePhase.DISCOVERY;
        };
    }
}
