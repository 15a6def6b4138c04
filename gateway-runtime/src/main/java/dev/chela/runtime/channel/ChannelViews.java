package dev.chela.runtime.channel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.chela.api.channel.Account;
import dev.chela.api.channel.Channel;
import dev.chela.api.channel.ChannelStatus;
import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonText;

import org.jspecify.annotations.Nullable;

/// Channels as clients see them, and what clients do with their accounts. Everything that calls a channel's code is cut off
/// at its time limit and fails for itself alone.
public final class ChannelViews {

    private static final Duration STOP = Duration.ofSeconds(5);
    private static final Duration ACTION = Duration.ofMinutes(1);

    private final Channels channels;

    /// Views of these channels.
    public ChannelViews(Channels channels) {
        this.channels = channels;
    }

    /// What came of asking an account.
    ///
    /// @param answer null if it failed
    /// @param error why; null if it did not
    public record Asked<T>(@Nullable T answer, @Nullable String error, long ms) {}

    // ---- looking ----

    /// All accounts, by channel.
    ///
    /// @param only one channel; null for all
    /// @param probeWithin how long accounts may take to say whether they could work; null to ask none
    public Map<String, Object> status(@Nullable String only, @Nullable Duration probeWithin) {
        List<Channels.Group> shown = channels.groups().values().stream()
                .filter(group -> only == null || group.registered().id().equals(only)).toList();
        Map<String, Asked<ChannelStatus>> probes = probeWithin == null ? Map.of() : probe(shown, probeWithin);
        Map<String, Object> labels = new LinkedHashMap<>();
        Map<String, Object> summaries = new LinkedHashMap<>();
        Map<String, Object> accounts = new LinkedHashMap<>();
        Map<String, Object> standards = new LinkedHashMap<>();
        List<Object> meta = new ArrayList<>();
        for (Channels.Group group : shown) {
            String id = group.registered().id();
            String label = group.registered().traits().label();
            labels.put(id, label);
            meta.add(Map.of("id", id, "label", label, "detailLabel", label));
            List<Map<String, Object>> rows = group.accounts().values().stream()
                    .map(account -> row(account, probes.get(id + ":" + account.id()))).toList();
            accounts.put(id, rows);
            summaries.put(id, summary(group, rows));
            if (!group.standard().isEmpty()) {
                standards.put(id, group.standard());
            }
        }
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("channelOrder", List.copyOf(labels.keySet()));
        status.put("channelLabels", labels);
        status.put("channelDetailLabels", labels);
        status.put("channelSystemImages", Map.of());
        status.put("channelMeta", meta);
        status.put("channels", summaries);
        status.put("channelAccounts", accounts);
        status.put("channelDefaultAccountId", standards);
        return status;
    }

    private static Map<String, Object> row(AccountRun account, @Nullable Asked<ChannelStatus> probe) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("accountId", account.id());
        if (account.config().name() != null) {
            row.put("name", account.config().name());
        }
        row.put("enabled", account.config().enabled());
        row.put("configured", account.isConfigured());
        row.putAll(account.standing().show());
        if (probe != null) {
            row.put("probe", show(probe));
        }
        return row;
    }

    private static Map<String, Object> show(Asked<ChannelStatus> probe) {
        Map<String, Object> shown = new LinkedHashMap<>();
        ChannelStatus said = probe.answer();
        String error = said == null ? probe.error() : said.connected() ? null : said.detail();
        shown.put("ok", error == null);
        shown.put("error", error);
        shown.put("elapsedMs", probe.ms());
        return shown;
    }

    private static Map<String, Object> summary(Channels.Group group, List<Map<String, Object>> rows) {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("configured", !rows.isEmpty());
        rows.stream().filter(row -> group.standard().equals(row.get("accountId"))).findFirst()
                .ifPresent(summary::putAll);
        summary.remove("accountId");
        if (!group.problem().isEmpty()) {
            summary.put("lastError", group.problem());
        }
        return summary;
    }

    /// How the channels stand, for the gateway's health.
    public Map<String, Object> health() {
        Map<String, Object> all = new LinkedHashMap<>();
        channels.groups().forEach((id, group) -> {
            List<Map<String, Object>> rows = group.accounts().values().stream().map(account -> row(account, null))
                    .toList();
            Map<String, Object> summary = summary(group, rows);
            Map<String, Object> byAccount = new LinkedHashMap<>();
            rows.forEach(row -> byAccount.put(String.valueOf(row.get("accountId")), row));
            summary.put("accounts", byAccount);
            all.put(id, summary);
        });
        return all;
    }

    /// The names of the channels.
    public Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        channels.all().forEach(one -> labels.put(one.id(), one.traits().label()));
        return labels;
    }

    /// Whether every account that is to run does, and everything in the configuration fits.
    public boolean isWell() {
        return channels.groups().values().stream().allMatch(group -> group.problem().isEmpty()
                && group.accounts().values().stream().allMatch(account -> account.isConfigured()
                        && !account.standing().givenUp && account.standing().failures == 0));
    }

    private Map<String, Asked<ChannelStatus>> probe(List<Channels.Group> groups, Duration limit) {
        Map<String, Question<ChannelStatus>> open = new LinkedHashMap<>();
        groups.forEach(group -> group.accounts().values()
                .forEach(account -> account.account().ifPresent(known -> open.put(
                        group.registered().id() + ":" + account.id(),
                        new Question<>(group.registered(), () -> probe(group.registered().channel(), known))))));
        long end = System.nanoTime() + limit.toNanos();
        Map<String, Asked<ChannelStatus>> answers = new LinkedHashMap<>();
        open.forEach((id, question) -> answers.put(id, question.await(Duration.ofNanos(end - System.nanoTime()))));
        return answers;
    }

    @SuppressWarnings("unchecked")
    private static <S extends Record> ChannelStatus probe(Channel<S> channel, Account<?> account) throws Exception {
        return channel.probe((Account<S>) account);
    }

    // ---- doing ----

    /// Whether a channel can be named at all.
    public boolean knows(String channel) {
        return channels.find(channel).isPresent();
    }

    /// The account of a request.
    ///
    /// @param account null for the one meant where none is named
    /// @return its id; empty if the channel has no such account
    public Optional<String> account(String channel, @Nullable String account) {
        return channels.find(channel, account == null ? "" : account).map(AccountRun::id);
    }

    /// Starts an account.
    ///
    /// @return why it is not started; empty if it is
    public Optional<String> start(String channel, String account) {
        return channels.find(channel, account).flatMap(AccountRun::start);
    }

    /// Stops an account until it is started again.
    ///
    /// @return whether it has stopped
    public boolean stop(String channel, String account) {
        return channels.find(channel, account).map(run -> run.stop("stopped by an operator", STOP)).orElse(true);
    }

    /// Stops an account and gives up what it is logged in with.
    public Asked<Boolean> logout(String channel, String account) {
        AccountRun run = channels.find(channel, account).orElseThrow();
        if (!run.stop("logged out", STOP)) {
            return new Asked<>(null, "the account does not stop", STOP.toMillis());
        }
        return run.account()
                .map(known -> new Question<>(run.registered(), () -> logout(run.registered().channel(), known))
                        .await(ACTION))
                .orElse(new Asked<>(false, null, 0));
    }

    @SuppressWarnings("unchecked")
    private static <S extends Record> boolean logout(Channel<S> channel, Account<?> account) throws Exception {
        return channel.logout((Account<S>) account);
    }

    /// Does one of a channel's actions.
    public Asked<Json> act(String channel, String account, Channel.Action action) {
        AccountRun run = channels.find(channel, account).orElseThrow();
        return run.account()
                .map(known -> new Question<>(run.registered(), () -> act(run.registered().channel(), known, action))
                        .await(ACTION))
                .orElse(new Asked<>(null, "the account is not configured", 0));
    }

    @SuppressWarnings("unchecked")
    private static <S extends Record> Json act(Channel<S> channel, Account<?> account, Channel.Action action)
            throws Exception {
        return channel.act((Account<S>) account, action);
    }

    /// A question to a channel's code, on a thread of its plugin.
    private static final class Question<T> {

        private static final int MAX_ERROR = 500;

        private final FutureTask<T> task;
        private final boolean begun;
        private final long begunAt = System.nanoTime();

        Question(Registered registered, java.util.concurrent.Callable<T> code) {
            task = new FutureTask<>(code);
            boolean entered = registered.owner().enter();
            begun = entered && registered.owner().runWaiting(() -> {
                try {
                    task.run();
                } finally {
                    registered.owner().leave();
                }
            });
            if (entered && !begun) {
                registered.owner().leave();
            }
        }

        Asked<T> await(Duration limit) {
            if (!begun) {
                return new Asked<>(null, "too much code of the plugin is at work already", 0);
            }
            try {
                T answer = task.get(Math.max(0, limit.toMillis()), TimeUnit.MILLISECONDS);
                return new Asked<>(answer, answer == null ? "the channel says nothing" : null, ms());
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                String said = cause == null || cause.getMessage() == null
                        ? String.valueOf(cause)
                        : cause.getMessage();
                return new Asked<>(null, JsonText.cut(JsonText.wellFormed(said), MAX_ERROR), ms());
            } catch (TimeoutException e) {
                task.cancel(true);
                return new Asked<>(null, "it took longer than " + ms() + " ms", ms());
            } catch (InterruptedException e) {
                task.cancel(true);
                Thread.currentThread().interrupt();
                return new Asked<>(null, "interrupted", ms());
            }
        }

        private long ms() {
            return (System.nanoTime() - begunAt) / 1_000_000;
        }
    }
}
