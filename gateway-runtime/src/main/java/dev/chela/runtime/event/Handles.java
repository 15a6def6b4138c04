package dev.chela.runtime.event;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import dev.chela.runtime.protocol.ConnectParams;
import dev.chela.runtime.protocol.Hello;

import org.jspecify.annotations.Nullable;

/// The handles by which clients get what they missed. Safe for all threads.
///
/// It knows no gateway, so that the next one in the same process can go on with it; another process has another epoch.
/// A handle is 64 hex digits: 16 of the epoch, 16 to be found by, 32 that nobody can guess.
public final class Handles {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int EPOCH_END = 16;
    private static final int NAME_END = 32;
    private static final int LENGTH = 64;

    private final Room room;
    private final String epoch = random(EPOCH_END);
    private final Map<String, Handle> all = new ConcurrentHashMap<>();
    private final SequencedSet<Handle> parked = new LinkedHashSet<>();
    private final AtomicLong held = new AtomicLong();
    private final AtomicBoolean makingRoom = new AtomicBoolean();
    private volatile Seat seat = new Seat(new Broadcaster(), InstantSource.system());

    private record Seat(Broadcaster broadcaster, InstantSource clock) {}

    /// What handles may cost.
    ///
    /// @param ring the news kept for one client, bytes
    /// @param age how long news are kept, and a handle whose client is away
    /// @param away handles whose clients are away; the one longest away goes first
    /// @param awayOfOne the same of one principal
    /// @param total all rings together, bytes; those longest away go first, then the largest rings are emptied
    public record Room(int ring, Duration age, int away, int awayOfOne, long total) {

        /// What a released gateway uses.
        public static Room standard() {
            return new Room(1 << 20, Duration.ofSeconds(60), 1000, 64, 64L << 20);
        }
    }

    /// A client at the door.
    ///
    /// @param resume where it was; null if it begins
    public record Arrival(Interests.Viewer viewer, ConnectParams.@Nullable Resume resume) {}

    /// None yet.
    public Handles(Room room) {
        this.room = room;
    }

    /// Lets a gateway go on with them.
    public void serve(Broadcaster broadcaster, InstantSource clock) {
        seat = new Seat(broadcaster, clock);
        all.values().forEach(broadcaster::add);
    }

    /// Lets a client in: with the handle it names and what it missed, or with a fresh one.
    ///
    /// @param outlet takes its news from now on
    /// @param hello writes hello before any news leave; called once
    public Handle admit(Arrival arrival, Outlet outlet, Consumer<Hello.Resume> hello) {
        Refusal refusal = null;
        if (arrival.resume() != null) {
            String text = arrival.resume().handle();
            Handle known = find(text);
            if (known == null) {
                refusal = text.length() == LENGTH && text.startsWith(epoch) ? Refusal.EXPIRED : Refusal.UNKNOWN_EPOCH;
            } else {
                refusal = known.resume(arrival, arrival.resume().offset(), outlet, hello);
                if (refusal == null) {
                    return known;
                }
            }
        }
        var fresh = new Handle(epoch + random(LENGTH - EPOCH_END), arrival, this, new Ring(room, held));
        fresh.begin(outlet, refusal, hello);
        return fresh;
    }

    private @Nullable Handle find(String text) {
        Handle candidate = text.length() == LENGTH ? all.get(text.substring(0, NAME_END)) : null;
        return candidate != null && MessageDigest.isEqual(bytes(candidate.text()), bytes(text)) ? candidate : null;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String random(int digits) {
        byte[] bytes = new byte[digits / 2];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /// Forgets what is too old; to be called about every second.
    public void sweep() {
        all.values().forEach(Handle::sweep);
    }

    /// How many there are, with and without a client.
    public int count() {
        return all.size();
    }

    /// What all rings hold together, in bytes.
    public long held() {
        return held.get();
    }

    // ---- for handles ----

    Room room() {
        return room;
    }

    long now() {
        return seat.clock().millis();
    }

    void register(Handle handle) {
        all.put(handle.text().substring(0, NAME_END), handle);
        seat.broadcaster().add(handle);
    }

    void forget(Handle handle) {
        all.remove(handle.text().substring(0, NAME_END), handle);
        seat.broadcaster().remove(handle);
    }

    /// Notes that a handle's client is away.
    ///
    /// @return the handle that must make room
    @Nullable
    Handle park(Handle handle, long cost) {
        held.addAndGet(cost);
        synchronized (parked) {
            parked.add(handle);
            List<Handle> own = parked.stream().filter(other -> other.principal().equals(handle.principal())).toList();
            if (own.size() > room.awayOfOne()) {
                return own.getFirst();
            }
            return parked.size() > room.away() ? parked.getFirst() : null;
        }
    }

    /// Notes that it is back, or ended.
    void unpark(Handle handle, long cost) {
        held.addAndGet(-cost);
        synchronized (parked) {
            parked.remove(handle);
        }
    }

    /// Makes room if all rings together hold too much; with no handle locked.
    void watch() {
        if (held.get() > room.total() && makingRoom.compareAndSet(false, true)) {
            try {
                makeRoom();
            } finally {
                makingRoom.set(false);
            }
        }
    }

    private void makeRoom() {
        List<Handle> oldestFirst;
        synchronized (parked) {
            oldestFirst = List.copyOf(parked);
        }
        for (Handle handle : oldestFirst) {
            if (held.get() <= room.total()) {
                return;
            }
            handle.displace();
        }
        List<Handle> largestFirst = all.values().stream().sorted(Comparator.comparingLong(Handle::bytes).reversed())
                .toList();
        for (Handle handle : largestFirst) {
            if (held.get() <= room.total()) {
                return;
            }
            handle.empty();
        }
    }
}
