package dev.chela.runtime.delivery;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.chela.api.channel.Inbound;
import dev.chela.api.channel.Inbound.Chat.Kind;

import org.jspecify.annotations.Nullable;

/// Who may write to the agent through an account.
///
/// @param direct what holds for direct messages
/// @param groups what holds for all other chats
/// @param requireMention whether a message in a group must address the account
public record Policy(Rule direct, Rule groups, boolean requireMention) {

    private static final String ANYBODY = "*";

    /// What holds for chats of a kind.
    ///
    /// @param allow who may write, without capital letters of ASCII; `*` for anybody
    /// @param off whether nobody may
    public record Rule(boolean off, Set<String> allow) {

        /// Copies the names.
        public Rule {
            allow = Set.copyOf(allow);
        }

        /// A rule as the configuration has it.
        ///
        /// @param policy `open`, `disabled`, or anything else for those named
        /// @param names with or without the channel's id and a colon before
        public static Rule of(@Nullable String policy, List<String> names, String channel) {
            Set<String> allow = new HashSet<>();
            for (String name : names) {
                String lower = Ids.fold(name.strip());
                allow.add(lower.startsWith(channel + ":") ? lower.substring(channel.length() + 1) : lower);
            }
            if ("open".equals(policy)) {
                allow.add(ANYBODY);
            }
            return new Rule("disabled".equals(policy), allow);
        }

        boolean admits(String sender) {
            return !off && (allow.contains(ANYBODY) || allow.contains(Ids.fold(sender)));
        }
    }

    /// Why a message is not for the agent; empty if it is.
    Optional<String> refusal(Inbound message) {
        boolean isDirect = message.chat().kind() == Kind.DIRECT;
        Rule rule = isDirect ? direct : groups;
        if (rule.off()) {
            return Optional.of((isDirect ? "direct messages are" : "groups are") + " disabled");
        } else if (!rule.admits(message.sender().id())) {
            return Optional.of("sender " + message.sender().id() + " is not in "
                    + (isDirect ? "allowFrom" : "groupAllowFrom"));
        } else if (!isDirect && requireMention && !message.mentioned()) {
            return Optional.of("it does not address the account");
        }
        return Optional.empty();
    }

    /// Whether anybody at all may write directly.
    public boolean isOpen() {
        return !direct.off() && direct.allow().contains(ANYBODY);
    }
}
