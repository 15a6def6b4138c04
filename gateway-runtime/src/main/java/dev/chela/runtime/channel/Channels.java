package dev.chela.runtime.channel;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.chela.api.channel.Account;
import dev.chela.api.channel.Channel;
import dev.chela.api.json.Json;
import dev.chela.runtime.config.Config;
import dev.chela.runtime.delivery.Arrivals;
import dev.chela.runtime.delivery.Carrier;
import dev.chela.runtime.delivery.Deliveries;
import dev.chela.runtime.json.BindException;
import dev.chela.runtime.lifecycle.Backoff;
import dev.chela.runtime.lifecycle.CoreThreads;

/// The channels there are, and their accounts. Safe for all threads.
public final class Channels implements Carrier {

    private static final System.Logger LOG = System.getLogger("channels");
    /// How long an account may take to stop.
    static final Duration STOP = Duration.ofSeconds(5);

    private final Parts parts;
    private final AccountRun.Parts accountParts;
    private volatile Map<String, Group> groups = Map.of();

    /// What they stand on.
    public record Parts(Supplier<Config> config, CoreThreads threads, InstantSource clock, Arrivals arrivals,
            Deliveries deliveries, Pace pace) {}

    /// When an account that failed is started again.
    ///
    /// @param attempts how often in a row at most
    /// @param steady how long it must run to count as healthy again
    public record Pace(Backoff restarts, int attempts, Duration steady) {

        /// As released.
        public static Pace standard() {
            return new Pace(new Backoff(Duration.ofSeconds(5), Duration.ofMinutes(5)), 10, Duration.ofMinutes(5));
        }
    }

    /// A channel and its accounts.
    ///
    /// @param standard the account meant where none is named; empty if none is configured
    /// @param problem what is wrong with its configuration; empty if nothing is
    record Group(Registered registered, Map<String, AccountRun> accounts, String standard, String problem) {}

    /// No channels yet.
    public Channels(Parts parts) {
        this.parts = parts;
        this.accountParts = new AccountRun.Parts(parts.threads(), parts.clock(), parts.arrivals(), parts.deliveries(),
                parts.pace());
    }

    /// Replaces all channels; none of their accounts runs yet.
    public void replace(List<Registered> registered) {
        Map<String, Group> all = new LinkedHashMap<>();
        registered.forEach(one -> all.put(one.id(), group(one)));
        groups = all;
    }

    private Group group(Registered registered) {
        Json section = parts.config().get().channelsOrEmpty().get(registered.id());
        if (section == null) {
            return new Group(registered, Map.of(), "", "");
        }
        try {
            AccountConfig.Section read = AccountConfig.read(registered.id(), section);
            Map<String, AccountRun> accounts = new LinkedHashMap<>();
            read.accounts().forEach(account -> accounts.put(account.id(), run(registered, account)));
            return new Group(registered, accounts, read.standard(), "");
        } catch (IllegalArgumentException e) {
            LOG.log(Level.ERROR, "channel '" + registered.id() + "' is not started: " + e.getMessage());
            return new Group(registered, Map.of(), "", String.valueOf(e.getMessage()));
        }
    }

    private AccountRun run(Registered registered, AccountConfig config) {
        try {
            var account = new Account<>(config.id(),
                    registered.codec().bind(config.settings(), registered.channel().settings()));
            return new AccountRun(registered, config, account, "", accountParts);
        } catch (BindException e) {
            String problem = "channels." + registered.id() + ": " + e.forClient();
            LOG.log(Level.ERROR, "account '" + config.id() + "' is not started: " + problem);
            return new AccountRun(registered, config, null, problem, accountParts);
        }
    }

    // ---- as a whole ----

    /// Starts all accounts that are not disabled, and says what stands in the configuration for nobody.
    public void start() {
        Config config = parts.config().get();
        config.channelsOrEmpty().keySet().stream().filter(id -> !groups.containsKey(id)).forEach(id -> LOG
                .log(Level.WARNING,
                        "config: channels." + id + " is not used: no plugin brings the channel '" + id + "'"));
        for (Group group : groups.values()) {
            group.accounts().values().forEach(account -> {
                warn(group, account, config);
                var _ = account.start();
            });
        }
    }

    private static void warn(Group group, AccountRun account, Config config) {
        if (account.config().saysPairing()) {
            LOG.log(Level.WARNING, "channels." + group.registered().id() + ": dmPolicy pairing lets in those in"
                    + " allowFrom only, as allowlist does: nobody is asked to pair with account '" + account.id()
                    + "'");
        }
        String scope = config.sessionOrEmpty().dmScope();
        if (account.config().policy().isOpen() && (scope == null || scope.equals("main"))) {
            LOG.log(Level.WARNING, "channels." + group.registered().id() + ": anybody may write to account '"
                    + account.id() + "', and all of them share one session; set session.dmScope to per-channel-peer");
        }
    }

    /// Stops all accounts, side by side.
    public void stop() {
        CompletableFuture.allOf(groups.values().stream().flatMap(group -> group.accounts().values().stream())
                .map(account -> account.stop("the gateway stops", STOP.minusSeconds(1)))
                .toArray(CompletableFuture<?>[]::new)).join();
    }

    // ---- one by one ----

    /// The channels in order.
    public List<Registered> all() {
        return groups.values().stream().map(Group::registered).toList();
    }

    Executor workers() {
        return parts.threads().workers();
    }

    Map<String, Group> groups() {
        return groups;
    }

    /// An account of a channel.
    ///
    /// @param account empty for the one meant where none is named
    Optional<AccountRun> find(String channel, String account) {
        return Optional.ofNullable(groups.get(channel)).map(
                group -> group.accounts().get(account.isEmpty() ? group.standard() : account));
    }

    /// A channel.
    public Optional<Registered> find(String channel) {
        return Optional.ofNullable(groups.get(channel)).map(Group::registered);
    }

    /// The account meant where none is named; empty if the channel has none.
    public Optional<String> standardAccount(String channel) {
        return Optional.ofNullable(groups.get(channel)).map(Group::standard).filter(id -> !id.isEmpty());
    }

    /// Whether a channel has an account.
    public boolean has(String channel, String account) {
        return find(channel, account).isPresent();
    }

    // ---- sending ----

    @Override
    public Begun begin(String channel, String account, Consumer<Transport> work) {
        return find(channel, account).map(run -> run.send(work)).orElse(Begun.DOWN);
    }

    @Override
    public int textLimit(String channel) {
        Group group = groups.get(channel);
        return group == null ? Channel.DEFAULT_TEXT_LIMIT : group.registered().traits().textLimit();
    }
}
