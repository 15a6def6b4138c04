package dev.chela.runtime.plugin;

import java.util.Set;

import dev.chela.api.hook.GatewayStarted;
import dev.chela.api.hook.GatewayStopping;

/// The moments this gateway has.
final class Moments {

    static final Set<Class<? extends Record>> KNOWN = Set.of(GatewayStarted.class, GatewayStopping.class);

    private Moments() {}
}
