package dev.chela.runtime.delivery;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import dev.chela.api.channel.ChannelException;
import dev.chela.api.channel.Inbound;
import dev.chela.api.channel.Inbound.Chat.Kind;
import dev.chela.api.channel.Inbox.Outcome;
import dev.chela.api.rpc.Caller;
import dev.chela.api.rpc.Role;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.rpc.Scope;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.delivery.Bindings.Place;
import dev.chela.runtime.run.Acceptance;
import dev.chela.runtime.run.Ask;
import dev.chela.runtime.run.ChatCommands;
import dev.chela.runtime.run.Run;
import dev.chela.runtime.run.Runs;
import dev.chela.runtime.session.Route;
import dev.chela.runtime.store.OutboxTable.Address;
import dev.chela.runtime.store.StoreException;

import org.jspecify.annotations.Nullable;

/// Takes what people write in channels: one transaction puts a message into its session and its answer on its way, and a
/// message with an id that was taken before is dropped. Safe for all threads.
public final class Arrivals {

    private static final System.Logger LOG = System.getLogger("channels");
    private static final int MAX_NAME = 200;
    private static final String CLOSED = "the session takes no messages";

    private final ArrivalLanes lanes = new ArrivalLanes();
    private final AtomicLong conflicts = new AtomicLong();
    private final Runs runs;
    private final ChatCommands commands;
    private final Supplier<Bindings> bindings;

    /// An account that messages arrive at.
    public record Account(String channel, String id, Policy policy) {}

    /// Messages for these runs.
    public Arrivals(Runs runs, ChatCommands commands, Supplier<Bindings> bindings) {
        this.runs = runs;
        this.commands = commands;
        this.bindings = bindings;
    }

    /// Takes a message; on the disk when this returns. Waits for it.
    ///
    /// @throws ChannelException if it cannot be taken now
    /// @throws Unwanted if it is not for the agent
    /// @throws IllegalArgumentException naming what is too long or missing
    public Outcome accept(Account account, Inbound message) throws ChannelException, Unwanted {
        check(message);
        String refusal = account.policy().refusal(message).orElse(null);
        if (refusal != null) {
            throw new Unwanted(refusal);
        }
        SessionKey session = bindings.get().session(Place.of(account.channel(), account.id(), message));
        var ask = new Ask(id(account, message), Ask.FROM_CHANNEL, principal(account), session, message.text().strip(),
                Ask.Options.NONE.to(reply(account, message)));
        // Services deliver twice, at the same moment as well: whether a message is known, what it does and that it is known
        // from now on must be one.
        try (var _ = lanes.enter(session)) {
            return accept(ask, asker(account, message));
        } catch (StoreException e) {
            throw ChannelException.passing("the gateway's store failed").because(e);
        }
    }

    /// Many services number the messages of each chat from one.
    private static String id(Account account, Inbound message) {
        String of = account.channel() + ":" + account.id() + ":";
        String id = of + Ids.exact(message.chat().id()) + ":" + message.id();
        return id.length() <= Ask.MAX_ID ? id : of + "~" + Ids.hash(id);
    }

    /// Why a message is not for the agent.
    public static final class Unwanted extends Exception {

        private static final long serialVersionUID = 1L;

        Unwanted(String why) {
            super(why, null, false, false);
        }
    }

    private Outcome accept(Ask ask, ChatCommands.Asker asker) throws ChannelException, Unwanted {
        // Before anything else: where nothing is taken, no command is obeyed either.
        if (!commands.takesMessages(ask.session())) {
            throw new Unwanted(CLOSED);
        }
        var fresh = new AtomicBoolean();
        Acceptance acceptance;
        try {
            acceptance = ChatCommands.stops(ask.message())
                    ? runs.reply(ask, () -> stop(ask.session()), _ -> fresh.set(true))
                    : commands.accept(ask, asker, true, _ -> fresh.set(true));
        } catch (RpcException e) {
            acceptance = runs.reply(ask, e::message, _ -> fresh.set(true)); // whoever typed a command wrongly is told so
        }
        if (acceptance instanceof Acceptance.Full(String why)) {
            throw ChannelException.passing(why);
        } else if (acceptance instanceof Acceptance.Conflict) {
            LOG.log(Level.WARNING,
                    "message '" + ask.id() + "' for " + ask.session() + " is dropped: another one had its"
                            + " id; that happened " + conflicts.incrementAndGet() + " times since the start");
        }
        return fresh.get() ? Outcome.ACCEPTED : Outcome.REPEATED;
    }

    private String stop(SessionKey session) {
        List<Run> open = runs.of(session).reversed();
        return open.stream().filter(run -> runs.abort(run, "stop")).count() == 0
                ? "There is nothing to stop."
                : "Stopped.";
    }

    private static String principal(Account account) {
        return "channel:" + account.channel() + ":" + account.id();
    }

    private static Ask.Reply reply(Account account, Inbound message) {
        Inbound.Chat chat = message.chat();
        var address = new Address(account.channel(), account.id(), chat.id(),
                chat.thread() == null ? "" : chat.thread());
        boolean direct = chat.kind() == Kind.DIRECT;
        String type = direct ? "direct" : chat.kind() == Kind.GROUP ? "group" : "channel";
        String title = direct && chat.title() == null ? message.sender().name() : chat.title();
        return new Ask.Reply(new Route(address, type, title), direct ? null : message.id(), Ask.How.ARRIVED);
    }

    /// Where several people write, the agent must know who did.
    private static ChatCommands.Asker asker(Account account, Inbound message) {
        var caller = new Caller(principal(account), Role.OPERATOR, Set.of(Scope.WRITE), account.channel());
        return message.chat().kind() == Kind.DIRECT
                ? new ChatCommands.Asker(caller, "")
                : new ChatCommands.Asker(caller, "", Speakers.named(message.sender()));
    }

    // ---- limits ----

    private static void check(Inbound message) {
        checkId("id", message.id());
        checkId("chat.id", message.chat().id());
        checkId("sender.id", message.sender().id());
        if (message.chat().thread() != null) {
            checkId("chat.thread", message.chat().thread());
        }
        checkName("chat.space", message.chat().space());
        checkName("chat.title", message.chat().title());
        checkName("sender.name", message.sender().name());
        checkName("replyTo", message.replyTo());
        if (message.text().isBlank()) {
            throw new IllegalArgumentException("message '" + message.id() + "' has no text");
        } else if (message.text().length() > Inbound.MAX_TEXT) {
            throw new IllegalArgumentException("message '" + message.id() + "' has " + message.text().length()
                    + " characters, more than " + Inbound.MAX_TEXT);
        }
    }

    private static void checkId(String what, String id) {
        if (id.isBlank() || id.length() > Inbound.MAX_ID || id.codePoints().anyMatch(Arrivals::isNoSign)) {
            throw new IllegalArgumentException("the " + what + " of a message must have 1 to " + Inbound.MAX_ID
                    + " characters and no control characters or halves of characters; it has " + id.length());
        }
    }

    /// Half a character is written on the disk as another one, so that ids would become the same.
    private static boolean isNoSign(int c) {
        return Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE;
    }

    private static void checkName(String what, @Nullable String name) {
        if (name != null && name.length() > MAX_NAME) {
            throw new IllegalArgumentException("the " + what + " of a message must have at most " + MAX_NAME
                    + " characters; it has " + name.length());
        }
    }
}
