package dev.chela.runtime.channel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import dev.chela.api.json.Bounds;
import dev.chela.api.json.Json;
import dev.chela.api.json.OneOf;
import dev.chela.runtime.delivery.Policy;
import dev.chela.runtime.json.JsonCodec;

import org.jspecify.annotations.Nullable;

/// An account as the configuration has it.
///
/// @param name as people know it
/// @param saysPairing whether its direct messages are said to need pairing, which this gateway takes as an allowlist
/// @param settings the channel's own part, not yet checked
record AccountConfig(String id, @Nullable String name, boolean enabled, Policy policy, boolean saysPairing,
        Json settings) {

    /// The account of a channel that has only one.
    static final String DEFAULT = "default";

    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");
    private static final int MAX_ACCOUNTS = 100;
    private static final JsonCodec CODEC = new JsonCodec();
    private static final Set<String> OF_THE_GATEWAY = Set.of("enabled", "name", "accounts", "defaultAccount",
            "dmPolicy",
            "allowFrom", "groupPolicy", "groupAllowFrom", "requireMention");

    /// The accounts of a channel.
    ///
    /// @param standard the one meant where none is named
    record Section(List<AccountConfig> accounts, String standard) {}

    /// What every account has, whatever its channel.
    record Common(@Nullable Boolean enabled, @Nullable String name, @Nullable String defaultAccount,
            @OneOf({
                    "open", "allowlist", "pairing", "disabled"}) @Nullable String dmPolicy,
            @Bounds(max = 10_000) @Nullable List<Json> allowFrom,
            @OneOf({"open", "allowlist", "disabled"}) @Nullable String groupPolicy,
            @Bounds(max = 10_000) @Nullable List<Json> groupAllowFrom, @Nullable Boolean requireMention) {

        Policy policy(String channel) {
            List<String> direct = names(allowFrom);
            return new Policy(Policy.Rule.of(dmPolicy, direct, channel),
                    Policy.Rule.of(groupPolicy, groupAllowFrom == null ? direct : names(groupAllowFrom), channel),
                    requireMention == null || requireMention);
        }

        /// Many services name people by numbers.
        private static List<String> names(@Nullable List<Json> names) {
            return names == null ? List.of() : names.stream().map(name -> String.valueOf(name.plain())).toList();
        }
    }

    /// Reads the section of a channel.
    ///
    /// @throws IllegalArgumentException saying what is wrong
    static Section read(String channel, Json section) {
        if (!(section instanceof Json.Obj(Map<String, Json> members))) {
            throw new IllegalArgumentException("channels." + channel + " must be an object");
        }
        Common shared = common(channel, members);
        Json named = members.get("accounts");
        if (named == null) {
            return new Section(List.of(account(channel, DEFAULT, members)), DEFAULT);
        } else if (!(named instanceof Json.Obj(Map<String, Json> accounts)) || accounts.isEmpty()
                || accounts.size() > MAX_ACCOUNTS) {
            throw new IllegalArgumentException("channels." + channel + ".accounts must be an object with 1 to "
                    + MAX_ACCOUNTS + " accounts");
        } else {
            return section(channel, shared, members, accounts);
        }
    }

    private static Section section(String channel, Common shared, Map<String, Json> members,
            Map<String, Json> accounts) {
        List<AccountConfig> all = new ArrayList<>();
        Map<String, String> spellings = new LinkedHashMap<>();
        accounts.forEach((name, own) -> {
            String other = spellings.put(name.toLowerCase(Locale.ROOT), name);
            if (other != null) {
                throw new IllegalArgumentException("channels." + channel + ".accounts has '" + other + "' and '" + name
                        + "', which are the same name: upper and lower case do not differ");
            }
            if (!(own instanceof Json.Obj(Map<String, Json> ownMembers))) {
                throw new IllegalArgumentException("channels." + channel + ".accounts." + name + " must be an object");
            }
            Map<String, Json> merged = new LinkedHashMap<>(members);
            merged.putAll(ownMembers);
            boolean off = Boolean.FALSE.equals(shared.enabled());
            AccountConfig account = account(channel, name.toLowerCase(Locale.ROOT), merged);
            all.add(off ? account.disabled() : account);
        });
        String standard = shared.defaultAccount() == null
                ? all.stream().map(AccountConfig::id).filter(DEFAULT::equals).findFirst().orElse(all.getFirst().id())
                : shared.defaultAccount().toLowerCase(Locale.ROOT);
        if (all.stream().noneMatch(account -> account.id().equals(standard))) {
            throw new IllegalArgumentException("channels." + channel + ".defaultAccount names '" + standard
                    + "', which is none of its accounts");
        }
        return new Section(all, standard);
    }

    private AccountConfig disabled() {
        return new AccountConfig(id, name, false, policy, saysPairing, settings);
    }

    private static AccountConfig account(String channel, String id, Map<String, Json> members) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("account '" + id + "' of channels." + channel
                    + " must have a name of letters, digits, dashes and underscores, at most 64");
        }
        Common common = common(channel, members);
        Map<String, Json> own = new LinkedHashMap<>(members);
        own.keySet().removeAll(OF_THE_GATEWAY);
        return new AccountConfig(id, common.name(), !Boolean.FALSE.equals(common.enabled()), common.policy(channel),
                "pairing".equals(common.dmPolicy()), new Json.Obj(own));
    }

    private static Common common(String channel, Map<String, Json> members) {
        Map<String, Json> known = new LinkedHashMap<>(members);
        known.keySet().retainAll(OF_THE_GATEWAY);
        known.remove("accounts");
        try {
            return CODEC.bind(new Json.Obj(known), Common.class);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("channels." + channel + ": " + e.getMessage(), e);
        }
    }
}
