package dev.chela.plugin.mcp;

import java.time.Duration;
import java.util.List;

import dev.chela.api.Service;

/// All servers as one piece of background work: none keeps the gateway's start waiting, all stop side by side.
final class Servers implements Service {

    /// Less than the gateway gives, so that what is left is killed by us.
    private static final Duration PATIENCE = Duration.ofMillis(4500);

    private final List<Server> all;
    private volatile boolean started;

    Servers(List<Server> all) {
        this.all = List.copyOf(all);
    }

    boolean wereStarted() {
        return started;
    }

    @Override
    public String name() {
        return "mcp";
    }

    @Override
    public void start() {
        started = true;
        all.forEach(Server::start);
    }

    @Override
    public void stop() throws InterruptedException {
        all.forEach(Server::stop);
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (Server server : all) {
            server.awaitEnd(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        }
    }
}
