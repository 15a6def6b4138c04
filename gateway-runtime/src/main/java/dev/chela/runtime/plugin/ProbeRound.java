package dev.chela.runtime.plugin;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.chela.api.HealthProbe;
import dev.chela.api.HealthProbe.Health;
import dev.chela.runtime.lifecycle.Owner;

import org.jspecify.annotations.Nullable;

/// Asks all parts of plugins how they are, side by side and each within its time.
public final class ProbeRound {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private static final int MAX_SUMMARY = 500;

    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    /// A probe and whose it is.
    public record OwnedProbe(String name, HealthProbe probe, Owner owner) {

        String fullName() {
            return owner.id() + "." + name;
        }
    }

    /// Asks all; waits for the slowest, at most five seconds. One that has not come back from the last round is not
    /// asked again.
    public Map<String, Health> ask(List<OwnedProbe> probes) {
        Map<String, FutureTask<Health>> answers = new LinkedHashMap<>();
        probes.forEach(probe -> answers.put(probe.fullName(), ask(probe)));
        long deadline = System.nanoTime() + LIMIT.toNanos();
        Map<String, Health> told = new LinkedHashMap<>();
        answers.forEach((name, answer) -> told.put(name, await(answer, deadline - System.nanoTime())));
        return told;
    }

    private FutureTask<Health> ask(OwnedProbe one) {
        var answer = new FutureTask<>(() -> checked(one.probe().probe()));
        if (!asked.add(one.fullName())) {
            return saying("it has not answered the last time yet");
        } else if (!one.owner().enter()) {
            asked.remove(one.fullName());
            return saying("the plugin is being unloaded");
        }
        Runnable leave = () -> {
            asked.remove(one.fullName());
            one.owner().leave();
        };
        boolean taken = one.owner().runShort(() -> {
            try {
                answer.run();
            } finally {
                leave.run();
            }
        });
        if (!taken) {
            leave.run();
            return saying("too much of the plugin's code waits already");
        }
        return answer;
    }

    private static FutureTask<Health> saying(String reason) {
        var answer = new FutureTask<>(() -> Health.failed(reason));
        answer.run();
        return answer;
    }

    private static Health checked(@Nullable Health health) {
        if (health == null) {
            return Health.failed("it answered nothing");
        }
        return new Health(Objects.requireNonNull(health.state()), shortened(health.summary()));
    }

    private static String shortened(String text) {
        return text.length() > MAX_SUMMARY ? text.substring(0, MAX_SUMMARY) + "…" : text;
    }

    private static Health await(FutureTask<Health> answer, long nanos) {
        try {
            return answer.get(Math.max(1, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            return Health.failed("no answer within " + LIMIT.toSeconds() + " s");
        } catch (ExecutionException e) {
            return Health.failed(shortened(String.valueOf(e.getCause())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Health.failed("interrupted");
        }
    }
}
