package dev.chela.runtime.session;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.store.OutboxTable.Address;

import org.jspecify.annotations.Nullable;

/// Where a session's people are: the place in a channel that the newest message came from, and where answers go.
///
/// @param chatType `direct`, `group` or `channel`, as clients call them
/// @param title the name of the place, if it has one
public record Route(Address address, String chatType, @Nullable String title) {

    private static final JsonCodec CODEC = new JsonCodec();

    private record Stored(String channel, String account, String to, @Nullable String thread, String chatType,
            @Nullable String title) {}

    /// A place nobody has written from yet.
    public static Route to(Address address) {
        return new Route(address, "direct", null);
    }

    /// What is kept of a session.
    public static Optional<Route> of(@Nullable String stored) {
        if (stored == null) {
            return Optional.empty();
        }
        Stored kept = CODEC.bind(JsonText.of(stored), Stored.class);
        return Optional.of(new Route(new Address(kept.channel(), kept.account(), kept.to(),
                kept.thread() == null ? "" : kept.thread()),
                kept.chatType(), kept.title()));
    }

    /// The form it is kept in.
    public String stored() {
        return CODEC.encode(new Stored(address.channel(), address.account(), address.to(),
                address.thread().isEmpty() ? null : address.thread(), chatType, title)).toString();
    }

    /// Adds it to a row that clients see.
    void show(Map<String, Object> row) {
        row.put("channel", address.channel());
        row.put("chatType", chatType);
        row.put("kind", chatType.equals("direct") ? "direct" : "group");
        row.put("accountId", address.account());
        row.put("lastChannel", address.channel());
        row.put("lastTo", address.to());
        row.put("lastAccountId", address.account());
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("channel", address.channel());
        context.put("to", address.to());
        context.put("accountId", address.account());
        if (!address.thread().isEmpty()) {
            row.put("lastThreadId", address.thread());
            context.put("threadId", address.thread());
        }
        row.put("deliveryContext", context);
        if (title != null) {
            row.putIfAbsent("displayName", title);
        }
    }
}
