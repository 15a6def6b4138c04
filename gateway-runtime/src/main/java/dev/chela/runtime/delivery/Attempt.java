package dev.chela.runtime.delivery;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;

import dev.chela.api.channel.ChannelException;
import dev.chela.api.channel.Outbound;
import dev.chela.api.channel.Receipt;
import dev.chela.api.hook.MessageSending;
import dev.chela.api.hook.MessageSent;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.hook.Hooks;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.OutboxTable.Address;
import dev.chela.runtime.store.OutboxTable.Origin;
import dev.chela.runtime.store.OutboxTable.OutboxRow;
import dev.chela.runtime.store.OutboxTable.State;
import dev.chela.runtime.store.StoreException;
import dev.chela.runtime.store.Tx;
import dev.chela.runtime.store.Work;

import org.jspecify.annotations.Nullable;

/// One attempt to send one message. It ends once: with what the service says, or at its deadline, whatever the channel's code
/// does afterwards. Its place is released with its end.
final class Attempt {

    private static final System.Logger LOG = System.getLogger("delivery");
    private static final JsonCodec CODEC = new JsonCodec();
    private static final int MAX_ERROR = 500;

    private final Deliveries deliveries;
    private final Deliveries.Parts parts;
    private final OutboxRow row;
    private boolean ended;
    /// Whether the channel's code was called, so that the service may have it.
    private boolean reached;
    private @Nullable Thread thread;
    /// What its sending added to a transcript.
    private @Nullable Entry mirrored;

    Attempt(Deliveries deliveries, OutboxRow row) {
        this.deliveries = deliveries;
        this.parts = deliveries.parts();
        this.row = row;
    }

    /// Sends it, on a thread of the plugin that brings the channel.
    void run(Carrier.Transport transport) {
        Future<?> deadline = parts.threads().after(parts.pace().attempt(),
                () -> parts.threads().workers().execute(this::expire));
        try {
            enter();
            send(transport);
        } catch (ChannelException e) {
            LOG.log(Level.DEBUG, "message " + row.id() + " was not sent", e);
            refused(e);
        } catch (StoreException e) {
            finish(_ -> {
                throw e; // it stays as it is, and is looked at again later
            }, Optional.empty());
        } catch (InterruptedException e) {
            failed("sending was interrupted", hasReached(), Duration.ZERO);
        } catch (Throwable e) { // also what a missing class or endless recursion throws
            LOG.log(Level.WARNING, "channel '" + address().channel() + "' failed to send message " + row.id(), e);
            failed("the channel failed: " + e.getClass().getSimpleName(), hasReached(), Duration.ZERO);
        } finally {
            deadline.cancel(false);
            leave();
        }
    }

    private synchronized void enter() {
        thread = Thread.currentThread();
    }

    private synchronized void leave() {
        thread = null;
        var _ = Thread.interrupted();
    }

    private Address address() {
        return row.item().address();
    }

    private void send(Carrier.Transport transport) throws Exception {
        Content content = Content.of(row.item().content());
        MessageSending sending = parts.hooks().change(sending(content), changed -> isTaken(content, changed));
        Optional<Hooks.Verdict> verdict = parts.hooks().verdict(sending);
        if (verdict.isPresent()) {
            if (verdict.get().isRefusal()) {
                giveUp(verdict.get().why(), false);
            } else { // a plugin that could not be asked may be asked later
                failed(verdict.get().why(), false, Duration.ZERO);
            }
            return;
        }
        Content said = content.saying(sending.text());
        // On the disk before it begins: what may have arrived is known after whatever happens.
        if (!parts.store().write(tx -> tx.outbox().sending(row.seq()))) {
            finish(tx -> true, Optional.empty());
            return;
        }
        if (!reach()) {
            return; // its time is up: another attempt follows this one
        }
        String thread = address().thread();
        Receipt receipt = transport.send(new Outbound(row.id(), address().to(), thread.isEmpty() ? null : thread,
                row.item().replyTo(), said.outbound(), row.progress().attempts() + 1, mayHaveArrived()));
        sent(said, receipt);
    }

    private synchronized boolean reach() {
        reached = !ended;
        return reached;
    }

    private synchronized boolean hasReached() {
        return reached;
    }

    /// Also if nobody could write down what became of the last attempt.
    private boolean mayHaveArrived() {
        return row.progress().repeated() || row.progress().state() == State.SENDING;
    }

    private MessageSending sending(Content content) {
        return new MessageSending(address().channel(), address().account(), address().to(), content.words(), session(),
                Optional.ofNullable(row.item().origin().runId()));
    }

    /// Only the words can be changed.
    private boolean isTaken(Content content, MessageSending changed) {
        return changed.equals(new MessageSending(address().channel(), address().account(), address().to(),
                changed.text(), session(), Optional.ofNullable(row.item().origin().runId())))
                && (content.hasMedia() || !changed.text().isBlank())
                && changed.text().length() <= deliveries.textLimit(address().channel());
    }

    private Optional<SessionKey> session() {
        return Optional.ofNullable(row.item().origin().sessionKey()).map(key -> {
            String[] names = key.split(":", 3);
            return new SessionKey(names[1], names[2]);
        });
    }

    // ---- what came of it ----

    private void sent(Content said, Receipt receipt) {
        String stored = CODEC.encode(receipt).toString();
        boolean done = finish(tx -> {
            tx.outbox().sent(row.seq(), stored, parts.clock().millis());
            return mirror(tx, said);
        }, Optional.of(DeliveryNews::sent));
        if (done) {
            parts.hooks().announce(new MessageSent(address().channel(), address().account(), address().to(),
                    said.words(), receipt.messageId(), session(), Optional.ofNullable(row.item().origin().runId())));
        }
    }

    /// What somebody else than the agent said in its name is in the session's transcript, too.
    private boolean mirror(Tx tx, Content said) {
        Origin origin = row.item().origin();
        if (origin.request() == null || origin.sessionKey() == null) {
            return true;
        }
        tx.sessions().find(origin.sessionKey()).ifPresent(session -> {
            long now = parts.clock().millis();
            Entry entry = tx.entries().add(Entry.noted(session.sessionId(), said.words(), now, row.id(), "injected"));
            tx.sessions().noted(session.key(), now, JsonText.cut(said.words(), 120));
            mirrored = entry;
        });
        return true;
    }

    private void refused(ChannelException e) {
        String why = String.valueOf(e.getMessage());
        if (e.isLasting()) {
            giveUp(why, false);
        } else {
            failed(why, false, e.retryAfter().orElse(Duration.ZERO));
        }
    }

    private void expire() {
        boolean over;
        synchronized (this) {
            over = ended;
            if (thread != null) {
                thread.interrupt();
            }
        }
        if (!over) {
            LOG.log(Level.WARNING, "channel '" + address().channel() + "' has not come back from sending message "
                    + row.id() + " for " + parts.pace().attempt().toSeconds() + " s");
            failed("the service did not take it within " + parts.pace().attempt().toMillis() + " ms", hasReached(),
                    Duration.ZERO);
        }
    }

    private void failed(String why, boolean arrived, Duration atLeast) {
        int failures = row.progress().attempts() + 1;
        Duration wait = parts.pace().retries().after(failures);
        wait = wait.compareTo(atLeast) < 0 ? atLeast : wait;
        long now = parts.clock().millis();
        long next = now + wait.toMillis();
        if (next > Math.min(row.progress().since(), now) + parts.pace().giveUpAfter().toMillis()
                && deliveries.grace() <= 0) {
            giveUp(why, arrived);
            return;
        }
        finish(tx -> {
            tx.outbox().retry(row.seq(), limited(why), arrived, now, next);
            return true;
        }, Optional.of(DeliveryNews::retrying));
    }

    /// Nobody tried: it is too old.
    void giveUp() {
        String last = row.progress().error();
        end(tx -> {
            tx.outbox().failed(row.seq(), last == null ? "its account does not run" : last, false,
                    parts.clock().millis());
            return true;
        }).ifPresent(now -> tell(now, Optional.of(DeliveryNews::failed)));
    }

    private void giveUp(String why, boolean arrived) {
        LOG.log(Level.WARNING, "message " + row.id() + " for " + address().channel() + " is given up: " + why);
        finish(tx -> {
            long now = parts.clock().millis();
            tx.outbox().failed(row.seq(), limited(why), arrived, now);
            tx.outbox().parts(row).stream().filter(part -> part.progress().state() == State.WAITING)
                    .forEach(part -> tx.outbox().failed(part.seq(), "an earlier part of it was given up", false, now));
            return true;
        }, Optional.of(DeliveryNews::failed));
    }

    private static String limited(String why) {
        return JsonText.cut(JsonText.wellFormed(why), MAX_ERROR);
    }

    /// @return whether it was this that ended it
    private boolean finish(Work<Boolean> work, Optional<Told> told) {
        synchronized (this) {
            if (ended) {
                return false;
            }
            ended = true;
        }
        boolean stored = false;
        try {
            Optional<OutboxRow> now = end(work);
            stored = true;
            now.ifPresent(row -> tell(row, told));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "what became of message " + row.id() + " cannot be " + (stored ? "told" : "stored"),
                    e);
        } finally {
            if (stored) {
                deliveries.ended(address());
            } else {
                deliveries.troubled(address());
            }
        }
        return true;
    }

    private Optional<OutboxRow> end(Work<Boolean> work) {
        return parts.store().note(tx -> {
            work.in(tx);
            return tx.outbox().find(row.id());
        });
    }

    private void tell(OutboxRow now, Optional<Told> told) {
        Entry added = mirrored;
        if (added != null) {
            session().ifPresent(key -> parts.runNews().messageAdded(key, added));
        }
        told.ifPresent(news -> news.tell(parts.news(), now));
        deliveries.settling().settled(now);
    }

    private interface Told {

        void tell(DeliveryNews news, OutboxRow row);
    }
}
