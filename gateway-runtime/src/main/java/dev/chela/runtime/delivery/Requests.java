package dev.chela.runtime.delivery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.function.Consumer;

import dev.chela.api.channel.Outbound;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.store.Fingerprint;
import dev.chela.runtime.store.OutboxTable.Address;
import dev.chela.runtime.store.OutboxTable.Item;
import dev.chela.runtime.store.OutboxTable.Origin;
import dev.chela.runtime.store.OutboxTable.OutboxRow;
import dev.chela.runtime.store.OutboxTable.Request;
import dev.chela.runtime.store.OutboxTable.State;

import org.jspecify.annotations.Nullable;

/// Messages that clients want sent: on the disk before anybody says so, once per key, and whoever asked hears what came of it.
public final class Requests {

    /// How many messages may be on their way at once.
    static final int MAX_OPEN = 10_000;
    /// How long whoever asks waits to hear more than that it is on its way.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final JsonCodec CODEC = new JsonCodec();

    private final Deliveries deliveries;
    private final Deliveries.Parts parts;

    /// What is to be sent.
    ///
    /// @param sessionKey the session whose transcript gets it once it is sent
    public record Order(Address address, Outbound.Content content, @Nullable String replyTo,
            @Nullable String sessionKey) {}

    /// What came of a request.
    public sealed interface Outcome {

        /// The service has it.
        ///
        /// @param receipt what it said, JSON
        record Sent(String id, JsonText receipt) implements Outcome {}

        /// It was given up, or thrown away by an operator.
        record Failed(String id, String error) implements Outcome {}

        /// It is on the disk and will be sent.
        ///
        /// @param why why it was not yet
        record Queued(String id, String why) implements Outcome {}

        /// Another request was made under the same key.
        record Conflict() implements Outcome {}

        /// Too much is on its way already; nothing was taken.
        record Full(String why) implements Outcome {}
    }

    /// Requests to these deliveries.
    public Requests(Deliveries deliveries) {
        this.deliveries = deliveries;
        this.parts = deliveries.parts();
    }

    /// Takes a request. Waits for the disk.
    ///
    /// @param key the caller's idempotency key
    /// @param told called once, on any thread, with what came of it within ten seconds
    public void send(String method, String principal, String key, Order order, Consumer<Outcome> told) {
        var request = new Request(method, principal, key, hash(order));
        List<Content> contents = contents(order);
        List<String> ids = contents.stream().map(_ -> UUID.randomUUID().toString()).toList();
        var waiter = new Waiter(told);
        ids.forEach(waiter::await);
        Taken taken;
        try {
            taken = parts.store().write(tx -> {
                List<OutboxRow> known = tx.outbox().of(request);
                if (!known.isEmpty()) {
                    return new Taken(known, false);
                } else if (tx.outbox().open() >= MAX_OPEN) {
                    return new Taken(List.of(), false);
                }
                var origin = new Origin(order.sessionKey(), null, request);
                for (int i = 0; i < ids.size(); i++) {
                    tx.outbox().add(ids.get(i), new Item(order.address(), i == 0 ? order.replyTo() : null,
                            contents.get(i).stored(), origin), parts.clock().millis());
                }
                return new Taken(tx.outbox().of(request), true);
            });
        } catch (RuntimeException e) {
            waiter.forgetAll();
            throw e;
        }
        answer(taken, request, waiter);
    }

    private record Taken(List<OutboxRow> rows, boolean fresh) {}

    private void answer(Taken taken, Request request, Waiter waiter) {
        List<OutboxRow> rows = taken.rows();
        if (!taken.fresh()) {
            waiter.forgetAll();
        }
        if (rows.isEmpty()) {
            waiter.tell(new Outcome.Full(MAX_OPEN + " messages are on their way already"));
        } else if (!hash(rows).equals(request.hash())) {
            waiter.tell(new Outcome.Conflict());
        } else {
            waiter.waitFor(rows);
            if (!taken.fresh()) {
                rows.forEach(row -> waiter.await(row.id()));
                parts.store().read(tx -> tx.outbox().of(request)).stream()
                        .filter(row -> row.progress().state().isFinal()).forEach(waiter::settled);
            }
            deliveries.look(rows.getFirst().item().address());
        }
    }

    private static String hash(List<OutboxRow> rows) {
        Request request = rows.getFirst().item().origin().request();
        return request == null ? "" : request.hash();
    }

    private List<Content> contents(Order order) {
        if (order.content() instanceof Outbound.Text(String text, var media) && media.isEmpty()) {
            return Texts.parts(text, deliveries.textLimit(order.address().channel())).stream()
                    .map(part -> new Content(part, null, null, null, null)).toList();
        }
        return List.of(Content.of(order.content()));
    }

    private static String hash(Order order) {
        Address address = order.address();
        // As JSON no part can look like two.
        String all = CODEC.encode(List.of(address.channel(), address.account(), address.to(), address.thread(),
                String.valueOf(order.replyTo()), String.valueOf(order.sessionKey()),
                Content.of(order.content()).stored())).toString();
        return Fingerprint.of(all);
    }

    /// Waits until all messages of a request are sent or one is not.
    private final class Waiter {

        private final Consumer<Outcome> told;
        private final Consumer<OutboxRow> settled = this::settled;
        private final List<String> awaited = new ArrayList<>();
        private final List<String> open = new ArrayList<>();
        private final List<OutboxRow> early = new ArrayList<>();
        private @Nullable Future<?> timer;
        private @Nullable String last;
        private boolean done;

        Waiter(Consumer<Outcome> told) {
            this.told = told;
        }

        void await(String id) {
            boolean taken = deliveries.settling().await(id, settled);
            synchronized (this) {
                if (taken) {
                    awaited.add(id);
                    return;
                }
            }
            tell(new Outcome.Queued(id, "many wait for it already"));
        }

        void forgetAll() {
            List<String> ids;
            synchronized (this) {
                ids = List.copyOf(awaited);
                awaited.clear();
            }
            ids.forEach(id -> deliveries.settling().forget(id, settled));
        }

        void waitFor(List<OutboxRow> rows) {
            List<OutboxRow> before;
            synchronized (this) {
                rows.forEach(row -> open.add(row.id()));
                last = rows.getLast().id();
                timer = parts.threads().after(PATIENCE, () -> parts.threads().workers().execute(
                        () -> tell(new Outcome.Queued(rows.getFirst().id(), "its channel has not taken it yet"))));
                before = List.copyOf(early);
                early.clear();
            }
            before.forEach(this::settled);
        }

        void settled(OutboxRow row) {
            synchronized (this) {
                if (last == null) {
                    early.add(row);
                    return;
                }
                open.remove(row.id());
                if (row.progress().state() == State.SENT && !open.isEmpty()) {
                    return;
                }
            }
            String error = String.valueOf(row.progress().error());
            switch (row.progress().state()) {
                case SENT -> tell(new Outcome.Sent(row.id(), JsonText.of(String.valueOf(row.progress().receipt()))));
                case FAILED -> tell(new Outcome.Failed(row.id(), error));
                case DROPPED -> tell(new Outcome.Failed(row.id(), "an operator dropped it"));
                case WAITING, SENDING -> tell(new Outcome.Queued(row.id(), error));
            }
        }

        void tell(Outcome outcome) {
            synchronized (this) {
                if (done) {
                    return;
                }
                done = true;
                if (timer != null) {
                    timer.cancel(false);
                }
            }
            forgetAll();
            told.accept(outcome);
        }
    }
}
