package dev.chela.runtime.delivery;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import dev.chela.api.event.EventType;
import dev.chela.runtime.event.Broadcaster;
import dev.chela.runtime.event.CoreEvents;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.store.OutboxTable.Address;
import dev.chela.runtime.store.OutboxTable.OutboxRow;

import org.jspecify.annotations.Nullable;

/// Tells operators how messages fare on their way out; what they say is told to nobody.
public final class DeliveryNews {

    private final Broadcaster broadcaster;
    private final InstantSource clock;
    private final JsonCodec codec = new JsonCodec();

    /// News through this broadcaster.
    public DeliveryNews(Broadcaster broadcaster, InstantSource clock) {
        this.broadcaster = broadcaster;
        this.clock = clock;
    }

    void sent(OutboxRow row) {
        tell(CoreEvents.DELIVERY_SENT, row);
    }

    void retrying(OutboxRow row) {
        tell(CoreEvents.DELIVERY_RETRYING, row);
    }

    void failed(OutboxRow row) {
        tell(CoreEvents.DELIVERY_FAILED, row);
    }

    private void tell(EventType<JsonText> type, OutboxRow row) {
        Map<String, Object> payload = show(row);
        payload.put("ts", clock.millis());
        broadcaster.publish(type, codec.encode(payload));
    }

    /// A message as clients see it, without its words.
    public static Map<String, Object> show(OutboxRow row) {
        Address address = row.item().address();
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", row.id());
        shown.put("channel", address.channel());
        shown.put("accountId", address.account());
        shown.put("to", address.to());
        put(shown, "threadId", address.thread().isEmpty() ? null : address.thread());
        put(shown, "sessionKey", row.item().origin().sessionKey());
        put(shown, "runId", row.item().origin().runId());
        shown.put("state", row.progress().state().name().toLowerCase(Locale.ROOT));
        shown.put("attempts", row.progress().attempts());
        shown.put("repeated", row.progress().repeated());
        shown.put("acceptedAt", row.progress().acceptedAt());
        put(shown, "nextAttemptAt", row.progress().nextAt() == 0 ? null : row.progress().nextAt());
        put(shown, "endedAt", row.progress().endedAt() == 0 ? null : row.progress().endedAt());
        put(shown, "error", row.progress().error());
        return shown;
    }

    private static void put(Map<String, Object> shown, String name, @Nullable Object value) {
        if (value != null) {
            shown.put(name, value);
        }
    }
}
