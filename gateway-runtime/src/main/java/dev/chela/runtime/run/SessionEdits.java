package dev.chela.runtime.run;

import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.chela.api.json.Json;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.config.Config;
import dev.chela.runtime.session.SendPolicy;
import dev.chela.runtime.session.SessionKeys;
import dev.chela.runtime.session.SessionSettings;
import dev.chela.runtime.session.Setting;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.SessionTable.Marks;
import dev.chela.runtime.store.SessionTable.SessionRow;
import dev.chela.runtime.store.Store;
import dev.chela.runtime.store.Tx;

import org.jspecify.annotations.Nullable;

/// What people do to sessions besides talking in them; each change is one transaction, and told to those who follow.
///
/// All methods wait for the disk. Those that could be in the way of a run stop the session's runs first.
public final class SessionEdits {

    /// The longest label, in UTF-16 units.
    public static final int MAX_LABEL = 512;

    private final Store store;
    private final Runs runs;
    private final RunNews news;
    private final RunHooks hooks;
    private final Supplier<Config> config;
    private final InstantSource clock;

    /// Edits of these sessions.
    public SessionEdits(Runs.Parts parts, Runs runs, Supplier<Config> config) {
        this.store = parts.store();
        this.runs = runs;
        this.news = parts.news();
        this.hooks = new RunHooks(parts.hooks(), parts.store());
        this.config = config;
        this.clock = parts.clock();
    }

    /// What is to be changed; null leaves something as it is.
    ///
    /// @param label a name of its own, or [Json.Null] to take it away
    /// @param parent the session it was made from
    /// @param settings [Json.Null] takes a choice back
    /// @param expectedId the session's id as the asker knows it
    public record Change(@Nullable Json label, @Nullable String parent, @Nullable Boolean archived,
            @Nullable Boolean pinned, @Nullable Boolean unread, Map<Setting, Json> settings,
            @Nullable String expectedId) {

        /// One setting.
        public static Change of(Setting setting, Json value) {
            return new Change(null, null, null, null, null, Map.of(setting, value), null);
        }
    }

    /// The session was replaced since the asker looked at it.
    public static final class ReplacedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private ReplacedException(String key) {
            super("session " + key + " was changed by somebody else; look at it again");
        }
    }

    /// Changes a session; makes it if it is not there.
    ///
    /// @throws IllegalArgumentException naming what does not fit
    /// @throws ReplacedException if it is not the one that was expected
    public SessionRow change(SessionKey key, Change change) {
        Edited edited = store.write(tx -> {
            Acceptance.Began began = RunLedger.ensure(tx, key, clock.millis());
            return new Edited(change(tx, key, change), began);
        });
        hooks.began(key, edited.began());
        news.sessionChanged(key, "patch", null, null);
        return edited.row();
    }

    private record Edited(SessionRow row, Acceptance.@Nullable Began began) {}

    private SessionRow change(Tx tx, SessionKey key, Change change) {
        SessionRow before = tx.sessions().find(key.toString()).orElseThrow();
        expect(before, change.expectedId());
        if (change.label() != null) {
            label(tx, before, change.label());
        }
        if (change.parent() != null) {
            if (before.parent() != null && !before.parent().equals(change.parent())) {
                throw new IllegalArgumentException("spawnedBy cannot be changed once it is set");
            }
            tx.sessions().parent(before.key(), change.parent());
        }
        Marks marks = before.marks();
        tx.sessions().marks(before.key(),
                new Marks(change.archived() == null ? marks.archived() : change.archived(),
                        change.pinned() == null ? marks.pinned() : change.pinned(),
                        change.unread() == null ? marks.unread() : change.unread()));
        tx.sessions().settings(before.key(), SessionSettings.of(before.settings()).with(change.settings()).stored());
        return tx.sessions().find(before.key()).orElseThrow();
    }

    private static void expect(SessionRow session, @Nullable String expectedId) {
        if (expectedId != null && !expectedId.equals(session.sessionId())) {
            throw new ReplacedException(session.key());
        }
    }

    private static void label(Tx tx, SessionRow session, Json wanted) {
        if (!(wanted instanceof Json.Text(String given))) {
            tx.sessions().label(session.key(), null);
            return;
        }
        String label = given.strip();
        if (label.isEmpty() || label.length() > MAX_LABEL) {
            throw new IllegalArgumentException("invalid label (use 1 to " + MAX_LABEL + " characters)");
        }
        tx.sessions().findByLabel(label).filter(other -> !other.key().equals(session.key())).ifPresent(other -> {
            throw new IllegalArgumentException("label already in use: " + label);
        });
        tx.sessions().label(session.key(), label);
    }

    /// Begins a session anew: its runs are stopped, what was said is kept under the old id, what was chosen stays.
    ///
    /// @param reason `new` or `reset`
    public SessionRow reset(SessionKey key, String reason) {
        Edited edited = runs.alone(key, reason, tx -> {
            Acceptance.Began began = RunLedger.ensure(tx, key, clock.millis());
            SessionRow before = tx.sessions().find(key.toString()).orElseThrow();
            if (tx.entries().last(before.sessionId()) == 0) {
                return new Edited(before, began);
            }
            String id = UUID.randomUUID().toString();
            tx.sessions().beginAnew(before, id, clock.millis(), reason);
            return new Edited(tx.sessions().find(before.key()).orElseThrow(),
                    new Acceptance.Began(id, before.sessionId(), reason));
        });
        hooks.began(key, edited.began());
        news.sessionChanged(key, reason, null, null);
        return edited.row();
    }

    /// Removes a session; its runs are stopped.
    ///
    /// @param words whether everything that was ever said under its key goes too, for good
    /// @param check looks at the session before; its exceptions stop the removal
    /// @return false if there is no such session
    /// @throws IllegalArgumentException for an agent's main session
    public boolean delete(SessionKey key, boolean words, Consumer<SessionRow> check) {
        if (key.rest().equals(SessionKeys.MAIN)) {
            throw new IllegalArgumentException("Cannot delete the main session (" + key + ").");
        }
        store.read(tx -> tx.sessions().find(key.toString())).ifPresent(check);
        Optional<String> deleted = runs.alone(key, "deleted", tx -> {
            Optional<SessionRow> session = tx.sessions().find(key.toString());
            session.ifPresent(check);
            session.ifPresent(row -> tx.sessions().remove(row, clock.millis()));
            if (session.isPresent() && words) {
                tx.sessions().past(key.toString()).forEach(past -> tx.entries().remove(past.sessionId()));
                tx.sessions().forgetPast(key.toString());
                tx.runs().forgetWords(key.toString());
                tx.outbox().forgetWords(key.toString(), clock.millis());
            }
            return session.map(SessionRow::sessionId);
        });
        deleted.ifPresent(id -> {
            hooks.ended(key, id, "deleted");
            news.sessionChanged(key, "delete", null, null);
        });
        return deleted.isPresent();
    }

    /// Keeps the newest messages of a session in its transcript and puts the others away, where a search still finds
    /// them; its runs are stopped.
    ///
    /// @param kept how many stay
    /// @return how many were put away; empty if there is no such session
    public Optional<Integer> compact(SessionKey key, int kept) {
        Optional<Long> there = store.read(tx -> tx.sessions().find(key.toString())
                .map(row -> tx.entries().count(row.sessionId())));
        if (there.isEmpty() || there.get() <= kept) {
            return there.map(_ -> 0); // nobody's run is stopped for nothing
        }
        Optional<Integer> moved = runs.alone(key, "compact", tx -> tx.sessions().find(key.toString()).map(row -> {
            long last = tx.entries().last(row.sessionId());
            long count = tx.entries().count(row.sessionId());
            if (count <= kept) {
                return 0;
            }
            String id = UUID.randomUUID().toString();
            tx.sessions().putAway(row, id, clock.millis());
            return tx.entries().move(row.sessionId(), last - kept, id);
        }));
        if (moved.filter(count -> count > 0).isPresent()) {
            hooks.compacted(key, moved.get(), kept);
            news.sessionChanged(key, "compact", null, null);
        }
        return moved;
    }

    /// Adds a note to a session in the agent's name.
    ///
    /// @param label what stands above it
    /// @return the note; empty if there is no such session
    public Optional<Entry> inject(SessionKey key, String message, @Nullable String label) {
        String text = label == null || label.isBlank() ? message : "[" + label.strip() + "]\n\n" + message;
        Optional<Entry> added = store.write(tx -> tx.sessions().find(key.toString()).map(row -> {
            Entry entry = tx.entries().add(Entry.noted(row.sessionId(), text, clock.millis(), null, "injected"));
            tx.sessions().noted(row.key(), entry.at(), RunNews.preview(text));
            return entry;
        }));
        added.ifPresent(entry -> {
            news.messageAdded(key, entry);
            news.injected(key, "inject-" + entry.id(), entry);
            news.sessionChanged(key, "inject", null, null);
        });
        return added;
    }

    /// What was chosen for a session alone.
    public SessionSettings settings(SessionKey key) {
        return store.read(tx -> tx.sessions().find(key.toString())).map(row -> SessionSettings.of(row.settings()))
                .orElse(SessionSettings.NONE);
    }

    /// Whether a session takes messages.
    public boolean takesMessages(SessionKey key) {
        return SendPolicy.allows(config.get(), key, settings(key));
    }
}
