package dev.chela.runtime.session;

import java.util.List;
import java.util.Set;

import dev.chela.api.session.SessionKey;
import dev.chela.runtime.config.Config;

import org.jspecify.annotations.Nullable;

/// Which sessions take messages: what was chosen for one, else the first rule of the configuration that fits.
public final class SendPolicy {

    private static final Set<String> CHAT_TYPES = Set.of("group", "channel", "dm", "direct");

    private SendPolicy() {}

    /// Whether a session takes messages.
    public static boolean allows(Config config, SessionKey key, SessionSettings settings) {
        Config.SendPolicy policy = config.sessionOrEmpty().sendPolicy();
        return settings.get(Setting.SEND_POLICY).orElseGet(() -> configured(policy, key)).equals("allow");
    }

    private static String configured(Config.@Nullable SendPolicy policy, SessionKey key) {
        if (policy == null) {
            return "allow";
        }
        List<Config.SendRule> rules = policy.rules() == null ? List.of() : policy.rules();
        return rules.stream().filter(rule -> rule.match() == null || fits(rule.match(), key))
                .map(Config.SendRule::action).findFirst()
                .orElse(policy.otherwise() == null ? "allow" : policy.otherwise());
    }

    private static boolean fits(Config.SendMatch match, SessionKey key) {
        List<String> parts = List.of(key.rest().split(":"));
        int type = parts.size() > 1 && CHAT_TYPES.contains(parts.get(1)) ? 1 : 2;
        boolean ofChannel = parts.size() > type && CHAT_TYPES.contains(parts.get(type));
        String chatType = !ofChannel ? "direct" : parts.get(type).equals("dm") ? "direct" : parts.get(type);
        boolean prefixFits = match.keyPrefix() == null || key.toString().startsWith(match.keyPrefix())
                || key.rest().startsWith(match.keyPrefix());
        return prefixFits && (match.chatType() == null || match.chatType().equals(chatType))
                && (match.channel() == null || (ofChannel && parts.getFirst().equals(match.channel())));
    }
}
