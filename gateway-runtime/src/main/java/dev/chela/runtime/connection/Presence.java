package dev.chela.runtime.connection;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.chela.runtime.json.JsonBuffer;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;

import org.jspecify.annotations.Nullable;

/// Who is or was just connected: at most 200 entries, each for five minutes after it was last heard of.
///
/// Entries are encoded when they change, so that a hello only joins them.
public final class Presence {

    /// The most entries kept; the oldest goes first.
    public static final int MAX_ENTRIES = 200;
    /// How long an entry is kept that is not heard of any more.
    public static final Duration TTL = Duration.ofMinutes(5);

    private final InstantSource clock;
    private final Entry self;
    private final JsonCodec codec = new JsonCodec();
    private final Map<String, Known> known = new HashMap<>();
    private long version = 1;
    private @Nullable JsonText joined;
    private long joinedUntil;

    private record Known(Entry entry, JsonText text) {}

    /// What is known of one client.
    public record Entry(@Nullable String host, @Nullable String ip, @Nullable String version,
            @Nullable String platform, @Nullable String deviceFamily, @Nullable String modelIdentifier,
            @Nullable String mode, @Nullable Integer lastInputSeconds, @Nullable String reason, @Nullable String text,
            long ts, @Nullable String deviceId, @Nullable List<String> roles, @Nullable List<String> scopes,
            @Nullable String instanceId, @Nullable List<String> tags) {

        private static final int MAX_TEXT = 200;
        private static final int MAX_ITEMS = 16;
        private static final int MAX_ITEM = 64;

        /// Cuts what is longer than anybody needs: every hello carries all entries.
        public Entry {
            host = cut(host);
            ip = cut(ip);
            version = cut(version);
            platform = cut(platform);
            deviceFamily = cut(deviceFamily);
            modelIdentifier = cut(modelIdentifier);
            mode = cut(mode);
            reason = cut(reason);
            text = cut(text);
            deviceId = cut(deviceId);
            instanceId = cut(instanceId);
            roles = cut(roles);
            scopes = cut(scopes);
            tags = cut(tags);
        }

        private static @Nullable String cut(@Nullable String text) {
            return text == null ? null : JsonText.cut(text, MAX_TEXT);
        }

        private static @Nullable List<String> cut(@Nullable List<String> items) {
            return items == null
                    ? null
                    : items.stream().limit(MAX_ITEMS).map(item -> JsonText.cut(item, MAX_ITEM)).toList();
        }

        Entry at(long now) {
            return new Entry(host, ip, version, platform, deviceFamily, modelIdentifier, mode, lastInputSeconds,
                    reason, text, now, deviceId, roles, scopes, instanceId, tags);
        }

        Entry because(String newReason, long now) {
            return new Entry(host, ip, version, platform, deviceFamily, modelIdentifier, mode, lastInputSeconds,
                    newReason, text, now, deviceId, roles, scopes, instanceId, tags);
        }
    }

    /// A list with the gateway's own entry in it.
    public Presence(InstantSource clock, Entry self) {
        this.clock = clock;
        this.self = self;
    }

    /// Puts an entry in.
    ///
    /// @param key names the client; compared without case
    public synchronized void put(String key, Entry entry) {
        known.put(key.toLowerCase(Locale.ROOT), new Known(entry, codec.encode(entry)));
        trim();
        changed();
    }

    /// Notes that a client has left; its entry stays for a while.
    public synchronized void left(String key) {
        Known gone = known.get(key.toLowerCase(Locale.ROOT));
        if (gone != null) {
            put(key, gone.entry().because("disconnect", clock.millis()));
        }
    }

    /// Notes that a client still lives, without telling anybody.
    public synchronized void touch(String key) {
        known.computeIfPresent(key.toLowerCase(Locale.ROOT), (_, old) -> {
            Entry entry = old.entry().at(clock.millis());
            return new Known(entry, codec.encode(entry));
        });
    }

    /// Raised by every change.
    public synchronized long version() {
        return version;
    }

    /// All entries as a JSON array, the newest first, the gateway's own in front.
    public synchronized JsonText list() {
        long now = clock.millis();
        if (joined == null || now > joinedUntil) {
            long oldest = now - TTL.toMillis();
            known.values().removeIf(entry -> entry.entry().ts() < oldest);
            joined = join(now);
            joinedUntil = now + 1000;
        }
        return joined;
    }

    private JsonText join(long now) {
        List<Known> sorted = new ArrayList<>(known.values());
        sorted.sort(Comparator.comparingLong((Known entry) -> entry.entry().ts()).reversed());
        var out = new JsonBuffer(256 * (1 + sorted.size())).raw("[").raw(codec.encode(self.at(now)));
        sorted.forEach(entry -> out.raw(",").raw(entry.text()));
        return JsonText.of(out.raw("]").toBytes());
    }

    private void trim() {
        while (known.size() > MAX_ENTRIES) {
            known.entrySet().stream().min(Comparator.comparingLong(entry -> entry.getValue().entry().ts()))
                    .ifPresent(oldest -> known.remove(oldest.getKey()));
        }
    }

    private void changed() {
        version++;
        joined = null;
    }
}
