package dev.chela.runtime.delivery;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.channel.Inbound;
import dev.chela.api.channel.Inbound.Chat.Kind;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.config.Config;
import dev.chela.runtime.config.Config.Binding;
import dev.chela.runtime.config.Config.BindingMatch;
import dev.chela.runtime.session.SessionKeys;

import org.jspecify.annotations.Nullable;

/// Which session a message of a channel belongs to. The most precise binding names the agent: one for the chat before one for
/// what the chat belongs to, that before one for the account, that before one for the channel.
public final class Bindings {

    private static final String LINKED = "~";

    private final Config config;
    private final String defaultAgent;

    /// The bindings of a configuration.
    public Bindings(Config config, String defaultAgent) {
        this.config = config;
        this.defaultAgent = defaultAgent;
    }

    /// A place in a channel that people write from.
    ///
    /// @param peer who writes, if it is a direct chat, else the chat's id
    /// @param space what the chat belongs to, if anything
    record Place(String channel, String account, Kind kind, String peer, @Nullable String thread,
            @Nullable String space) {

        static Place of(String channel, String account, Inbound message) {
            Inbound.Chat chat = message.chat();
            boolean direct = chat.kind() == Kind.DIRECT;
            return new Place(channel, account, chat.kind(), direct ? message.sender().id() : chat.id(), chat.thread(),
                    chat.space());
        }
    }

    /// The session of a place.
    SessionKey session(Place place) {
        // A sort keeps the order of equals.
        Optional<Binding> binding = config.bindingsOrEmpty().stream().filter(one -> fits(one.match(), place))
                .sorted(Comparator.comparingInt(one -> -precision(one.match()))).findFirst();
        String agent = binding.map(Binding::agentId).orElse(defaultAgent);
        String fixed = binding.map(Binding::session).orElse(null);
        String rest = fixed == null ? rest(place) : fixed;
        return new SessionKey(agent, place.thread() == null ? rest : rest + ":thread:" + Ids.part(place.thread()));
    }

    private static boolean fits(BindingMatch match, Place place) {
        return Ids.same(match.channel(), place.channel())
                && (match.accountId() == null || match.accountId().equals("*")
                        || Ids.same(match.accountId(), place.account()))
                && (match.peer() == null
                        || (Ids.same(match.peer().id(), place.peer()) && kind(match.peer()) == place.kind()))
                && fits(match.guildId(), place.space()) && fits(match.teamId(), place.space());
    }

    private static boolean fits(@Nullable String wanted, @Nullable String space) {
        return wanted == null || (space != null && Ids.same(wanted, space));
    }

    private static Kind kind(Config.Peer peer) {
        return switch (peer.kind()) {
            case "group" -> Kind.GROUP;
            case "channel" -> Kind.ROOM;
            default -> Kind.DIRECT;
        };
    }

    private static int precision(BindingMatch match) {
        int account = match.accountId() == null || match.accountId().equals("*") ? 0 : 1;
        int space = match.guildId() == null && match.teamId() == null ? 0 : 2;
        return (match.peer() == null ? 0 : 4) + space + account;
    }

    private String rest(Place place) {
        if (place.kind() != Kind.DIRECT) {
            return place.channel() + (place.kind() == Kind.GROUP ? ":group:" : ":channel:") + Ids.part(place.peer());
        }
        String peer = person(place);
        String scope = config.sessionOrEmpty().dmScope();
        return switch (scope == null ? "main" : scope) {
            case "per-peer" -> "dm:" + peer;
            case "per-channel-peer" -> place.channel() + ":dm:" + peer;
            case "per-account-channel-peer" -> place.channel() + ":" + place.account() + ":dm:" + peer;
            default -> SessionKeys.MAIN;
        };
    }

    /// A person whose names in several channels are linked is one peer in all of them. `~` stands before such a one: no id of
    /// a service becomes a part that begins so, or whoever is called like a linked person would be taken for them.
    private String person(Place place) {
        Map<String, List<String>> links = config.sessionOrEmpty().identityLinks();
        return links == null
                ? Ids.part(place.peer())
                : links.entrySet().stream()
                        .filter(link -> link.getValue().stream().anyMatch(name -> isNamed(name.strip(), place)))
                        .map(link -> LINKED + Ids.part(link.getKey().strip())).findFirst()
                        .orElseGet(() -> Ids.part(place.peer()));
    }

    /// A name with a channel before it means an id there and nowhere else.
    private static boolean isNamed(String name, Place place) {
        int colon = name.indexOf(':');
        return colon < 0
                ? Ids.same(name, place.peer())
                : Ids.same(name.substring(0, colon), place.channel())
                        && Ids.same(name.substring(colon + 1), place.peer());
    }
}
