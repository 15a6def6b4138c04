package dev.chela.runtime.method;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

import dev.chela.api.rpc.RpcException;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.channel.Channels;
import dev.chela.runtime.channel.Registered;
import dev.chela.runtime.run.Ask;
import dev.chela.runtime.session.Route;
import dev.chela.runtime.store.OutboxTable.Address;
import dev.chela.runtime.store.Store;

import org.jspecify.annotations.Nullable;

/// Finds out which place in a channel a client means.
public final class Destinations {

    /// The longest name of a place, in UTF-16 units.
    static final int MAX_TO = 200;

    private static final String DEFAULT_CHANNEL = "whatsapp";

    private final Channels channels;
    private final Store store;

    /// Places in these channels.
    public Destinations(Channels channels, Store store) {
        this.channels = channels;
        this.store = store;
    }

    /// What a client says of a place; null where it says nothing.
    record Named(@Nullable String channel, @Nullable String account, @Nullable String to, @Nullable String thread) {}

    /// The channel of a name; the only one there is, where a client names none.
    ///
    /// @param otherwise the beginning of the refusal
    Registered channel(@Nullable String named, String otherwise) {
        List<Registered> all = channels.all();
        String standard = all.size() == 1 ? all.getFirst().id() : DEFAULT_CHANNEL;
        String id = named == null ? standard : named.strip().toLowerCase(Locale.ROOT);
        return channels.find(id).orElseThrow(() -> RpcException.invalid(otherwise + id));
    }

    /// The account of a name; the channel's default where a client names none.
    String account(Registered channel, @Nullable String named) {
        if (named == null || named.isBlank()) {
            return channels.standardAccount(channel.id())
                    .orElseThrow(() -> RpcException.invalid("channel " + channel.id() + " is not configured"));
        }
        String account = named.strip().toLowerCase(Locale.ROOT);
        if (!channels.has(channel.id(), account)) {
            throw RpcException.invalid("channel " + channel.id() + " has no account '" + account + "'");
        }
        return account;
    }

    /// A place of a channel; its name may begin with the channel's.
    Address address(Registered channel, Named named) {
        String target = named.to() == null ? "" : named.to().strip();
        String prefix = channel.id() + ":";
        String chat = target.toLowerCase(Locale.ROOT).startsWith(prefix) ? target.substring(prefix.length()) : target;
        if (chat.isBlank() || chat.length() > MAX_TO || chat.chars().anyMatch(Character::isISOControl)) {
            throw RpcException.invalid("'" + (target.length() > MAX_TO ? target.substring(0, MAX_TO) + "…" : target)
                    + "' is no target of channel " + channel.id());
        }
        return new Address(channel.id(), account(channel, named.account()), chat,
                named.thread() == null ? "" : named.thread());
    }

    /// Where the answer to a request is sent: the place it names, else where the session's people are.
    ///
    /// @throws RpcException if neither is known
    Ask.Reply reply(SessionKey session, Named named) {
        if (named.to() != null && !named.to().isBlank()) {
            Registered channel = channel(named.channel(), "unknown channel: ");
            return new Ask.Reply(Route.to(address(channel, named)), null, Ask.How.NAMED);
        }
        return lastOf(session).orElseThrow(() -> RpcException.invalid(
                "there is nowhere to deliver to: session " + session + " has no channel yet; name a channel and to"));
    }

    /// Where the session's people are.
    Optional<Ask.Reply> lastOf(SessionKey session) {
        return store.read(tx -> tx.sessions().find(session.toString())).flatMap(row -> Route.of(row.route()))
                .map(route -> new Ask.Reply(route, null, Ask.How.LOOKED_UP));
    }
}
