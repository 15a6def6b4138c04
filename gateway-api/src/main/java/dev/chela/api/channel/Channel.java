package dev.chela.api.channel;

import java.util.Set;

import dev.chela.api.json.Json;

/// A messaging service people write in, such as Telegram. A plugin brings it; the gateway runs its accounts.
///
/// The accounts stand in the configuration under `channels.<id>`: what stands there directly is one account named
/// `default`, or what the members of `accounts` have in common. Some members are the gateway's own and never reach the
/// plugin: `enabled`, `name`, `accounts`, `defaultAccount`, `dmPolicy`, `allowFrom`, `groupPolicy`, `groupAllowFrom` and
/// `requireMention`; all others are bound to [#settings].
///
/// Methods are called on threads of the plugin and may block. Two accounts run side by side, one account never twice at
/// once. What describes the channel (all methods without an account) is asked once, when it is registered.
///
/// @param <S> the settings of an account
public interface Channel<S extends Record> {

    /// The longest text in one message unless [#textLimit] says otherwise, in UTF-16 units.
    int DEFAULT_TEXT_LIMIT = 4000;

    /// Lower-case letters, digits and dashes, at most 64; unique in the gateway.
    String id();

    /// The name people know it by.
    default String label() {
        return id();
    }

    /// What an account is configured with.
    Class<S> settings();

    /// What it can do besides taking and sending text.
    default Set<Ability> abilities() {
        return Set.of();
    }

    /// What else can be done in it by [#act], such as `react`.
    default Set<String> actions() {
        return Set.of();
    }

    /// The longest text in one message, in UTF-16 units, 100 to 1,000,000; longer answers are sent in parts.
    default int textLimit() {
        return DEFAULT_TEXT_LIMIT;
    }

    /// Is an account: connects, hands every message to the inbox, and returns when the account is done for good. Interruption
    /// means stop: come back within 5 s.
    ///
    /// An exception means that something broke: the account is started again after 5 s, then ever later up to 5 minutes, ten
    /// times in a row at most. Acknowledge a message to the service only after [Inbox#accept] has returned.
    void run(Account<S> account, Inbox inbox) throws Exception;

    /// Sends one message and returns once the service has taken it; interrupted after 60 s. While it runs, nothing else is
    /// sent to the same place; messages for other places are sent side by side. Called only while [#run] is at work.
    ///
    /// @throws ChannelException if it was not sent: tried again later, or given up if that is of no use. Every other exception,
    ///     and interruption, leaves open whether it arrived: it is sent again, marked as [Outbound#repeated]
    Receipt send(Account<S> account, Outbound message) throws Exception;

    /// Looks whether the account could work, such as whether the service takes its token. Interrupted at the asker's time
    /// limit, 10 s if it sets none.
    default ChannelStatus probe(Account<S> account) throws Exception {
        return ChannelStatus.up();
    }

    /// Does one of [#actions] once; never repeated by the gateway. Interrupted after 60 s.
    ///
    /// @return what the asker gets
    /// @throws ChannelException with what the asker is to be told
    default Json act(Account<S> account, Action action) throws Exception {
        throw new UnsupportedOperationException(action.name());
    }

    /// Gives up what the account is logged in with, after it was stopped. Interrupted after 60 s. Needs
    /// [Ability#LOGOUT].
    ///
    /// @return whether there was something to give up
    default boolean logout(Account<S> account) throws Exception {
        throw new UnsupportedOperationException("logout");
    }

    /// What a channel can do besides taking and sending text.
    enum Ability {
        /// It sends files named by address.
        MEDIA,
        /// It sends polls.
        POLLS,
        /// An account can be logged out.
        LOGOUT
    }

    /// Something to be done that is no message.
    ///
    /// @param name one of the channel's actions
    /// @param params as the asker gave them, an object
    record Action(String name, Json params) {}
}
