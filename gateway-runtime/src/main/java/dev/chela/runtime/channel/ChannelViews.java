package dev.chela.runtime.channel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

import dev.chela.api.channel.Channel;
import dev.chela.api.channel.ChannelStatus;
import dev.chela.api.json.Json;

import org.jspecify.annotations.Nullable;

/// Channels as clients see them, and what clients do with their accounts. Everything that calls a channel's code is cut off
/// at its time limit and fails for itself alone.
public final class ChannelViews {

    private final Channels channels;

    /// Views of these channels.
    public ChannelViews(Channels channels) {
        this.channels = channels;
    }

    // ---- looking ----

    /// All accounts, by channel.
    ///
    /// @param only one channel; null for all
    public Map<String, Object> status(@Nullable String only) {
        return status(shown(only), Map.of());
    }

    /// The same, and what the accounts say when asked whether they could work.
    ///
    /// @param within how long they may take
    public CompletableFuture<Map<String, Object>> probe(@Nullable String only, Duration within) {
        List<Channels.Group> shown = shown(only);
        Map<String, CompletableFuture<Asked<ChannelStatus>>> open = new LinkedHashMap<>();
        shown.forEach(group -> group.accounts().values().stream()
                .filter(account -> account.isConfigured() && account.config().enabled())
                .forEach(account -> open.put(group.registered().id() + ":" + account.id(),
                        account.questions().probe(within))));
        return CompletableFuture.allOf(open.values().toArray(CompletableFuture<?>[]::new)).thenApplyAsync(_ -> {
            Map<String, Asked<ChannelStatus>> answers = new LinkedHashMap<>();
            open.forEach((id, answer) -> answers.put(id, answer.join()));
            return status(shown, answers);
        }, channels.workers());
    }

    private List<Channels.Group> shown(@Nullable String only) {
        return channels.groups().values().stream()
                .filter(group -> only == null || group.registered().id().equals(only)).toList();
    }

    private static Map<String, Object> status(List<Channels.Group> shown, Map<String, Asked<ChannelStatus>> probes) {
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

    /// Whether every account that is to run does and is connected, and everything in the configuration fits.
    public boolean isWell() {
        return channels.groups().values().stream().allMatch(group -> group.problem().isEmpty()
                && group.accounts().values().stream().allMatch(
                        account -> account.isConfigured() && account.standing().isWell()));
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
    public CompletableFuture<Boolean> stop(String channel, String account) {
        return onWorker(channels.find(channel, account).map(run -> run.stop("stopped by an operator", Channels.STOP))
                .orElse(CompletableFuture.completedFuture(true)));
    }

    /// Stops an account and gives up what it is logged in with.
    public CompletableFuture<Asked<Boolean>> logout(String channel, String account) {
        return onWorker(channels.find(channel, account).orElseThrow().logout(Channels.STOP));
    }

    /// Does one of a channel's actions.
    public CompletableFuture<Asked<Json>> act(String channel, String account, Channel.Action action) {
        return onWorker(channels.find(channel, account).orElseThrow().act(action));
    }

    /// Goes on there: neither the timer nor a plugin's thread is for what askers do with answers.
    private <T> CompletableFuture<T> onWorker(CompletableFuture<T> future) {
        return future.thenApplyAsync(Function.identity(), channels.workers());
    }
}
