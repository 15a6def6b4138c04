package dev.chela.runtime.client;

import java.util.Optional;
import java.util.function.BiConsumer;

import dev.chela.api.json.Json;

import org.jspecify.annotations.Nullable;

/// Hands events on and counts those that were dealt with. Safe for all threads; no event is being handed on once it was
/// stopped.
final class Reading {

    private final BiConsumer<String, Json> events;
    private @Nullable Place place;
    private boolean stopped;

    /// @param place where the client was; null if it does not count
    Reading(@Nullable Place place, BiConsumer<String, Json> events) {
        this.place = place;
        this.events = events;
    }

    synchronized void begin(Json hello) {
        Optional<Json> resume = hello.at("resume");
        if (place == null || resume.isEmpty()) {
            place = null;
            return;
        }
        boolean recovered = resume.get().flag("recovered").orElse(false);
        place = new Place(resume.get().text("handle").orElse(""), recovered ? place.offset() : 0);
    }

    /// Hands an event on.
    ///
    /// @return what is wrong with it; empty if nothing is
    synchronized String take(Json frame) {
        if (stopped) {
            return "";
        }
        long offset = frame.whole("offset").orElse(0L);
        if (place != null && offset != place.offset() + 1) {
            stopped = true;
            return "event " + offset + " came after event " + place.offset();
        }
        events.accept(frame.text("event").orElse(""), frame.at("payload").orElse(Json.Null.VALUE));
        if (place != null) {
            place = new Place(place.handle(), offset);
        }
        return "";
    }

    synchronized void stop() {
        stopped = true;
    }

    synchronized Optional<Place> place() {
        return Optional.ofNullable(place);
    }
}
