package dev.chela.runtime.plugin;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.chela.api.HealthProbe;
import dev.chela.api.HealthProbe.Health;
import dev.chela.runtime.lifecycle.Owner;

/// Asks all parts of plugins how they are, side by side and each within its time.
public final class ProbeRound {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private ProbeRound() {}

    /// A probe and whose it is.
    public record OwnedProbe(String name, HealthProbe probe, Owner owner) {

        String fullName() {
            return owner.id() + "." + name;
        }
    }

    /// Asks all; waits for the slowest, at most five seconds.
    public static Map<String, Health> ask(List<OwnedProbe> probes) {
        Map<String, CompletableFuture<Health>> asked = new LinkedHashMap<>();
        probes.forEach(probe -> asked.put(probe.fullName(), ask(probe)));
        long deadline = System.nanoTime() + LIMIT.toNanos();
        Map<String, Health> answers = new LinkedHashMap<>();
        asked.forEach((name, answer) -> answers.put(name, await(answer, deadline - System.nanoTime())));
        return answers;
    }

    private static CompletableFuture<Health> ask(OwnedProbe probe) {
        var answer = new CompletableFuture<Health>();
        if (!probe.owner().enter()) {
            answer.complete(Health.failed("the plugin is being unloaded"));
            return answer;
        }
        boolean taken = probe.owner().runShort(() -> {
            try {
                answer.complete(probe.probe().probe());
            } catch (Exception e) {
                answer.complete(Health.failed(String.valueOf(e)));
            } finally {
                probe.owner().leave();
            }
        });
        if (!taken) {
            probe.owner().leave();
            answer.complete(Health.failed("too much of the plugin's code waits already"));
        }
        return answer;
    }

    private static Health await(CompletableFuture<Health> answer, long nanos) {
        try {
            return answer.get(Math.max(1, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return Health.failed("no answer within " + LIMIT.toSeconds() + " s");
        } catch (ExecutionException e) {
            return Health.failed(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Health.failed("interrupted");
        }
    }
}
