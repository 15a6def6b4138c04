package dev.chela.runtime.plugin;

import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;

import jdk.management.VirtualThreadSchedulerMXBean;

/// The threads that carry virtual ones, and so all code of plugins. Work that spins keeps one for good: it is replaced, or a
/// plugin whose turns all spin would be the last one that ever ran.
final class Carriers {

    private static final System.Logger LOG = System.getLogger("plugins");
    private static final int MAX_REPLACED = 128;
    private static final int NUDGES = 8;

    private final int regular = count();
    private int replaced;

    /// How many there are when nothing spins.
    static int count() {
        Integer set = Integer.getInteger("jdk.virtualThreadScheduler.parallelism");
        return set == null ? Runtime.getRuntime().availableProcessors() : set;
    }

    /// Makes up for those that are kept; called by one thread at a time.
    void replace(int kept) {
        int wanted = Math.min(kept, MAX_REPLACED);
        int more = wanted - replaced;
        if (more == 0) {
            return;
        }
        replaced = wanted;
        ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class).setParallelism(regular + wanted);
        LOG.log(Level.DEBUG, "plugins have " + (regular + wanted) + " threads, " + kept + " of them spin");
        if (more > 0) {
            nudge();
        }
    }

    /// The scheduler starts a thread when something comes into an empty queue, not when it may have one more; who submits
    /// has a queue of its own, and what the usual threads submitted still waits in theirs.
    private static void nudge() {
        for (int i = 0; i < NUDGES; i++) {
            Thread.ofPlatform().daemon().name("nudge").start(() -> Thread.ofVirtual().name("nudge").start(() -> {}));
        }
    }
}
