package dev.chela.runtime;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import dev.chela.runtime.config.ConfigFile;
import dev.chela.runtime.config.ConfigSnapshot;
import dev.chela.runtime.instance.InstanceLock;
import dev.chela.runtime.instance.StateFolder;
import dev.chela.runtime.lifecycle.ClosePhase;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.lifecycle.Stages;
import dev.chela.runtime.log.LogFile;
import dev.chela.runtime.plugin.PluginSections;
import dev.chela.runtime.store.Store;
import dev.chela.runtime.transport.Port;

/// What everything stands on: folder, lock, settings, port, threads, store. Taken in this order, so that whatever another
/// process has is known before anything slow begins.
final class Ground {

    private final Stages stages;
    private final CompletableFuture<Store> opening;

    final StateFolder folder;
    final ConfigSnapshot config;
    final Secrets secrets;
    final Port port;
    final CoreThreads threads;

    Ground(Options options, Stages stages) {
        this.stages = stages;
        folder = stages.start("state folder", ClosePhase.GROUND, () -> StateFolder.open(options.stateDir()));
        Path file = stages.start("config", ClosePhase.GROUND,
                () -> ConfigFile.locate(options.configFile(), folder.path()));
        InstanceLock lock = stages.start("instance lock", ClosePhase.GROUND, () -> InstanceLock.acquire(folder, file),
                InstanceLock::close);
        config = stages.start("config", ClosePhase.GROUND, () -> ConfigFile.read(file, options.environment(),
                new PluginSections(options.bundledPlugins(), folder.plugins())));
        secrets = stages.start("secret", ClosePhase.GROUND,
                () -> Secrets.choose(options, config.config(), folder));
        port = stages.start("port", ClosePhase.PORT, () -> Listening.bind(options, config.config()), Port::close);
        lock.name(file, new InstanceLock.Address(port.number(), Listening.url(port, options, config.config())));
        stages.start("log", ClosePhase.GROUND, () -> {
            StateFolder.make(folder.logs());
            return LogFile.open(folder.log());
        }, LogFile::close);
        threads = stages.start("threads", ClosePhase.GROUND, CoreThreads::new, CoreThreads::close);
        opening = CompletableFuture.supplyAsync(() -> Store.open(folder.store()), threads.workers());
    }

    /// The store, which was being opened meanwhile.
    Store store() {
        return stages.start("store", ClosePhase.GROUND, () -> {
            try {
                return opening.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }, Store::close);
    }
}
