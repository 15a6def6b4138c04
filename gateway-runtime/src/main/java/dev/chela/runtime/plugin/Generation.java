package dev.chela.runtime.plugin;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.chela.api.GatewayPlugin;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.lifecycle.Owner;

/// One loading of one plugin: its jar, its code, its threads. Whoever uses it holds a lease; it ends with the last one.
final class Generation implements Owner {

    private static final System.Logger LOG = System.getLogger("plugins");
    private static final long RETIRED = 1L << 62;

    private final Descriptor descriptor;
    private final Jar jar;
    private final GatewayPlugin plugin;
    private final Permits.Share permits;
    private final JsonCodec codec = new JsonCodec();
    private final AtomicLong leases = new AtomicLong();
    private final CountDownLatch empty = new CountDownLatch(1);

    Generation(Descriptor descriptor, Jar jar, GatewayPlugin plugin, Permits.Share permits) {
        this.descriptor = descriptor;
        this.jar = jar;
        this.plugin = plugin;
        this.permits = permits;
    }

    @Override
    public String id() {
        return descriptor.id();
    }

    Descriptor descriptor() {
        return descriptor;
    }

    Jar jar() {
        return jar;
    }

    GatewayPlugin plugin() {
        return plugin;
    }

    /// Binds and writes for this generation only: it remembers the plugin's classes.
    JsonCodec codec() {
        return codec;
    }

    @Override
    public boolean enter() {
        while (true) {
            long now = leases.get();
            if (now >= RETIRED) {
                return false;
            } else if (leases.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    @Override
    public void leave() {
        if (leases.decrementAndGet() == RETIRED) {
            empty.countDown();
        }
    }

    @Override
    public boolean runShort(Runnable work) {
        if (!permits.queue()) {
            return false;
        }
        start(() -> permits.run(work));
        return true;
    }

    @Override
    public boolean runWaiting(Runnable work) {
        if (!permits.beginLong()) {
            return false;
        }
        start(() -> permits.runLong(work));
        return true;
    }

    private void start(Runnable work) {
        Thread.ofVirtual().name("plugin " + descriptor.id()).start(() -> {
            Thread.currentThread().setContextClassLoader(jar.loader());
            work.run();
        });
    }

    @Override
    public void awaitQuiet() throws InterruptedException {
        permits.awaitMended();
    }

    @Override
    public boolean pause() {
        return permits.pause();
    }

    @Override
    public void resume() {
        permits.resume();
    }

    /// Looks whether its work keeps threads busy without end; called again and again.
    ///
    /// @return how many threads
    int watch() {
        return permits.watch(descriptor.id());
    }

    /// Whether some of its work has kept a thread busy for too long, and still does.
    boolean spins() {
        return permits.isCut();
    }

    /// Lets nobody in any more.
    void retire() {
        if (leases.getAndAdd(RETIRED) == 0) {
            empty.countDown();
        }
    }

    /// Waits for who is in, then ends the plugin and lets go of its jar.
    void end(Duration patience, Duration close) {
        try {
            if (!empty.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(Level.WARNING, "plugin '" + id() + "' is ended with " + (leases.get() - RETIRED)
                        + " calls still in it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        endPlugin(close);
        jar.close();
    }

    /// Runs code of the plugin outside of calls.
    <T> T bounded(String what, Duration limit, Callable<T> code) throws PluginException {
        return Bounded.run(what, limit, jar.loader(), code);
    }

    /// Lets the plugin release what only it knows of; its jar stays open.
    void endPlugin(Duration limit) {
        try {
            bounded("close", limit, () -> {
                plugin.close();
                return true;
            });
        } catch (PluginException e) {
            LOG.log(Level.WARNING, "plugin '" + id() + "': " + e.getMessage(), e);
        }
    }
}
