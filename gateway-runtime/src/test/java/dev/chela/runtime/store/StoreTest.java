package dev.chela.runtime.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import dev.chela.runtime.store.EntryTable.Cost;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.EntryTable.Found;
import dev.chela.runtime.store.RunTable.RunRow;
import dev.chela.runtime.store.RunTable.State;
import dev.chela.runtime.store.SessionTable.Filter;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StoreTest {

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("test.db");
    }

    private static boolean session(Tx tx, String key) {
        tx.sessions().ensure(key, "main", "id-" + key, 1);
        return true;
    }

    private static long count(Store store, Filter filter) {
        return store.read(tx -> tx.sessions().count(filter));
    }

    private void sql(String statement) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement one = connection.createStatement()) {
            one.execute(statement);
        }
    }

    @Test
    void keepsWhatWasWritten() {
        try (Store store = Store.open(file())) {
            store.write(tx -> session(tx, "agent:main:a"));
            store.note(tx -> session(tx, "agent:main:b"));
            assertEquals(2, count(store, Filter.ALL));
        }
        try (Store store = Store.open(file())) {
            assertEquals(2, count(store, Filter.ALL));
        }
    }

    @Test
    void undoesAllOfAFailedPieceOfWorkAndNothingOfOthers() throws Exception {
        try (Store store = Store.open(file()); ExecutorService many = Executors.newFixedThreadPool(16)) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String key = "agent:main:" + i;
                boolean fails = i % 3 == 0;
                all.add(many.submit(() -> store.write(tx -> {
                    session(tx, key);
                    if (fails) {
                        throw new IllegalStateException("on purpose");
                    }
                    return true;
                })));
            }
            int failed = 0;
            for (Future<Boolean> one : all) {
                try {
                    one.get();
                } catch (ExecutionException e) {
                    assertEquals("on purpose", e.getCause() == null ? "" : e.getCause().getMessage());
                    failed++;
                }
            }
            assertEquals(67, failed);
            assertEquals(133, count(store, Filter.ALL));
        }
    }

    @Test
    void givesMessagesTheirPlaces() {
        try (Store store = Store.open(file())) {
            for (int i = 1; i <= 5; i++) {
                String text = "m" + i;
                Entry added = store.write(tx -> tx.entries().add(Entry.said("s", text, 1, "run")));
                assertEquals(i, added.seq());
            }
            List<Entry> some = store.read(tx -> tx.entries().before("s", 5, 2));
            assertEquals(List.of("m3", "m4"), some.stream().map(Entry::text).toList());
            Entry first = store.write(tx -> tx.entries().add(Entry.said("other", "x", 1, "run")));
            assertEquals(1, first.seq());
        }
    }

    @Test
    void findsSessionsByPartsOfTheirNamesTakenLiterally() {
        try (Store store = Store.open(file())) {
            store.write(tx -> session(tx, "agent:main:100%_sure"));
            store.write(tx -> session(tx, "agent:main:100 sure"));
            assertEquals(1, count(store, new Filter(null, 0, "0%_S", null, null, null)));
            assertEquals(2, count(store, new Filter("main", 1, "100", null, null, null)));
            assertEquals(0, count(store, new Filter("other", 0, null, null, null, null)));
        }
    }

    @Test
    void findsWhatWasSaidByTheBeginningsOfItsWords() {
        try (Store store = Store.open(file())) {
            store.write(tx -> session(tx, "agent:main:a"));
            store.write(tx -> session(tx, "agent:main:b"));
            store.write(tx -> tx.entries().add(Entry.said("id-agent:main:a", "Déjà vu of a \"crab\"", 1, "r")));
            store.write(tx -> tx.entries().add(Entry.said("id-agent:main:b", "crab soup", 2, "r")));
            assertEquals(List.of("agent:main:a"), keys(store, null, "deja", "cra"));
            assertEquals(2, keys(store, "main", "crab").size());
            assertEquals(List.of(), keys(store, "other", "crab"));
            assertEquals(List.of(), keys(store, null, "\" OR word MATCH \""));
            store.write(tx -> {
                tx.entries().remove("id-agent:main:a");
                return true;
            });
            assertEquals(List.of("agent:main:b"), keys(store, null, "crab"));
        }
    }

    private static List<String> keys(Store store, @Nullable String agent, String... words) {
        return store.read(tx -> tx.entries().search(agent, List.of(), List.of(words), 10)).stream().map(Found::key)
                .toList();
    }

    @Test
    void notesWhatAnAnswerCostAtTheLastOfItsMessages() {
        try (Store store = Store.open(file())) {
            store.write(tx -> tx.entries().add(Entry.noted("s", "first", 10, "run", "toolUse")));
            store.write(tx -> tx.entries().add(Entry.noted("s", "last", 20, "run", "toolUse")));
            store.write(tx -> tx.entries().add(Entry.noted("s", "other", 30, "another", "stop")));
            store.write(tx -> {
                tx.entries().charge("s", "run", new Cost("p", "m", 3, 5, 1));
                tx.entries().charge("s", "unknown", new Cost("p", "m", 9, 9, 9));
                return true;
            });
            List<Entry> all = store.read(tx -> tx.entries().before("s", 9, 9));
            assertEquals(List.of(0L, 3L, 0L), all.stream().map(entry -> entry.cost().input()).toList());
        }
    }

    @Test
    void keepsWhatWasSaidBeforeASessionBeganAnew() {
        try (Store store = Store.open(file())) {
            store.write(tx -> session(tx, "agent:main:a"));
            store.write(tx -> tx.entries().add(Entry.said("id-agent:main:a", "old crab", 1, "r")));
            store.write(tx -> {
                tx.sessions().beginAnew(tx.sessions().find("agent:main:a").orElseThrow(), "second", 5, "reset");
                return true;
            });
            assertEquals("second", store.read(tx -> tx.sessions().find("agent:main:a").orElseThrow().sessionId()));
            assertEquals("reset", store.read(tx -> tx.sessions().past("agent:main:a")).getFirst().reason());
            assertEquals(List.of("agent:main:a"), keys(store, "main", "crab"));
        }
    }

    @Test
    void refusesAStoreOfANewerGatewayByNumber() throws Exception {
        Store.open(file()).close();
        sql("PRAGMA user_version = 99");
        String message = String.valueOf(assertThrows(StoreException.class, () -> Store.open(file())).getMessage());
        assertTrue(message.contains("schema version 99"), message);
    }

    @Test
    void refusesWhatIsNoStore() throws Exception {
        Files.writeString(file(), "no database at all, but long enough to look like one".repeat(40));
        assertThrows(StoreException.class, () -> Store.open(file()));
    }

    @Test
    void refusesWorkOnceItIsClosed() {
        Store store = Store.open(file());
        store.close();
        assertThrows(StoreException.class, () -> store.write(tx -> session(tx, "agent:main:late")));
    }

    @Test
    void leavesTheThreadInterruptedThatWaitedForTheDisk() {
        try (Store store = Store.open(file())) {
            Thread.currentThread().interrupt();
            boolean written = store.write(tx -> session(tx, "agent:main:i"));
            assertTrue(written);
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void goesOnAfterWorkThatThrowsWhatIsNoException() {
        try (Store store = Store.open(file())) {
            assertThrows(StoreException.class, () -> store.write(tx -> {
                throw new StackOverflowError();
            }));
            boolean written = store.write(tx -> session(tx, "agent:main:after"));
            assertTrue(written);
        }
    }

    @Test
    void readsForAThreadThatWasInterrupted() {
        try (Store store = Store.open(file())) {
            Thread.currentThread().interrupt();
            assertEquals(0, count(store, Filter.ALL));
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void neverReopensARunThatHasEnded() {
        var run = new RunRow("id", "chat.send", "me", "hash", "agent:main:s", "sid", 0, "hi", State.QUEUED, 1, 0, 0,
                false, "{}", null);
        try (Store store = Store.open(file())) {
            store.write(tx -> {
                tx.runs().add(run);
                tx.runs().ended(run, State.ABORTED, 2, "{}");
                return true;
            });
            boolean started = store.write(tx -> tx.runs().started(run, 3));
            assertFalse(started);
            assertEquals(List.of(), store.read(tx -> tx.runs().open()));
        }
    }
}
