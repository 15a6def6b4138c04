package dev.chela.runtime.method;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import dev.chela.api.channel.Channel;
import dev.chela.api.json.Json;
import dev.chela.runtime.channel.Asked;
import dev.chela.runtime.channel.ChannelViews;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.store.Fingerprint;

/// Actions of channels, each done once under its key: whoever repeats one gets what came of the first, also while that is
/// under way. Safe for all threads.
final class ChannelActions {

    /// How many are remembered by their keys.
    static final int MAX_KNOWN = 500;
    /// The longest answer that is remembered, in bytes of JSON.
    static final int MAX_ANSWER = 64 << 10;

    private final ChannelViews views;
    private final JsonCodec codec = new JsonCodec();
    private final Map<Key, Known> known = new LinkedHashMap<>();

    /// Under which an action is done once.
    record Key(String principal, String idempotencyKey) {}

    /// What a client asks for.
    record Wanted(String channel, String account, Channel.Action action) {}

    /// @param hash of what was asked for
    private record Known(String hash, CompletableFuture<Asked<Json>> done) {}

    ChannelActions(ChannelViews views) {
        this.views = views;
    }

    /// Does something, unless it was done under that key already.
    CompletableFuture<Asked<Json>> once(Key key, Wanted wanted) {
        String hash = hash(wanted);
        CompletableFuture<Asked<Json>> done;
        synchronized (known) {
            Known before = known.get(key);
            if (before != null && !before.hash().equals(hash)) {
                throw ChatMethods.conflict(key.idempotencyKey());
            } else if (before != null) {
                return before.done();
            }
            makeRoom();
            done = views.act(wanted.channel(), wanted.account(), wanted.action());
            known.put(key, new Known(hash, done));
        }
        return done.thenApply(said -> {
            settle(key, hash, said);
            return said;
        });
    }

    /// What is under way is kept: forgotten, it could be done twice.
    private void makeRoom() {
        if (known.size() < MAX_KNOWN) {
            return;
        }
        Key oldest = known.entrySet().stream().filter(one -> one.getValue().done().isDone()).map(Map.Entry::getKey)
                .findFirst().orElseThrow(() -> ChatMethods.full(MAX_KNOWN + " actions are at work already"));
        known.remove(oldest);
    }

    private void settle(Key key, String hash, Asked<Json> said) {
        boolean large = said.answer() != null && length(said.answer()) > MAX_ANSWER;
        synchronized (known) {
            if (said.undone()) {
                known.remove(key);
            } else if (large) {
                known.replace(key, new Known(hash, CompletableFuture.completedFuture(new Asked<>(null,
                        "it was done, but its answer was too large to be kept", said.ms(), false))));
            }
        }
    }

    private int length(Json answer) {
        try {
            JsonText text = codec.encode(answer);
            return text.to() - text.from();
        } catch (RuntimeException e) {
            return Integer.MAX_VALUE; // cannot be told once, nor twice
        }
    }

    private String hash(Wanted wanted) {
        String all = String.join("\u0000", wanted.channel(), wanted.account(), wanted.action().name(),
                codec.encode(wanted.action().params()).toString());
        return Fingerprint.of(all);
    }
}
