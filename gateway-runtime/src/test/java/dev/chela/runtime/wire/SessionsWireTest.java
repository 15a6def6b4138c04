package dev.chela.runtime.wire;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import dev.chela.api.json.Json;
import dev.chela.runtime.Options;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.testing.SettableClock;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.TestGateway.Event;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What people do to sessions besides talking in them.
class SessionsWireTest {

    @TempDir
    Path folder;
    private TestGateway gateway;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        gateway = TestGateway.start(folder);
        client = gateway.admin();
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
    }

    private Json patch(String key, String name, @Nullable Object value) throws Exception {
        Map<String, Object> params = new HashMap<>(Map.of("key", key));
        params.put(name, value);
        return client.call("sessions.patch", params).at("entry").orElseThrow();
    }

    private String refusedPatch(String key, String name, Object value) throws Exception {
        return String.valueOf(client.refused("sessions.patch", Map.of("key", key, name, value)).getMessage());
    }

    private void say(String session, String text, String id) throws Exception {
        client.call("chat.send", Map.of("sessionKey", session, "message", text, "idempotencyKey", id));
        end(id);
    }

    private Event end(String runId) throws InterruptedException {
        return client.await("chat", event -> event.text("runId").equals(runId) && !event.text("state").equals("delta"));
    }

    private List<String> texts(String session) throws Exception {
        return client.call("chat.history", Map.of("sessionKey", session)).items("messages").stream()
                .map(message -> message.items("content").getFirst().text("text").orElse("")).toList();
    }

    private Json described(String key) throws Exception {
        return client.call("sessions.describe", Map.of("key", key)).at("session").orElse(Json.Null.VALUE);
    }

    private List<String> listed(Map<String, ?> params) throws Exception {
        return client.call("sessions.list", params).items("sessions").stream()
                .map(row -> row.text("key").orElse("")).toList();
    }

    private static String reason(ClientException refused) {
        Json details = refused.details();
        return details == null ? "" : details.text("reason").orElse("");
    }

    // ---- settings ----

    @Test
    void keepsWhatWasChosenForASessionAndTakesItBack() throws Exception {
        assertEquals("high", patch("s", "thinkingLevel", "high").text("thinkingLevel").orElse(""));
        assertEquals("mine", patch("s", "label", "mine").text("label").orElse(""));
        assertEquals("high", described("s").text("thinkingLevel").orElse(""));
        assertTrue(patch("s", "thinkingLevel", null).text("thinkingLevel").isEmpty());
        assertTrue(patch("s", "label", null).text("label").isEmpty());
    }

    @Test
    void namesTheSettingThatDoesNotFit() throws Exception {
        assertEquals("invalid thinkingLevel (use off|minimal|low|medium|high|xhigh)",
                refusedPatch("s", "thinkingLevel", "bogus"));
        assertEquals("invalid statusNote (use 1 to 120 characters)", refusedPatch("s", "statusNote", "x".repeat(121)));
        assertEquals("unknown model \"no/such\"; models.list has those that are known",
                refusedPatch("s", "model", "no/such"));
        assertEquals("invalid model (use provider/model)", refusedPatch("s", "model", true));
        assertEquals("invalid icon (use 1 to 64 characters)", refusedPatch("s", "icon", false));
        assertEquals("invalid sessions.patch params: unexpected property 'colour'",
                refusedPatch("s", "colour", "red"));
        assertEquals(Json.Null.VALUE, described("s"), "nothing of a refused change is kept");
    }

    @Test
    void givesALabelToOneSessionOnly() throws Exception {
        patch("a", "label", "mine");
        assertEquals("label already in use: mine", refusedPatch("b", "label", "mine"));
        assertEquals("mine", patch("a", "label", "mine").text("label").orElse(""));
        assertEquals("invalid label (use 1 to 512 characters)", refusedPatch("a", "label", "x".repeat(513)));
        assertEquals("agent:main:a", client.call("sessions.resolve", Map.of("label", "mine")).text("key").orElse(""));
    }

    @Test
    void letsThoseWhoWriteSortSessionsAndOnlyAdministratorsSetThem() throws Exception {
        try (Client writer = gateway.with("operator.write")) {
            writer.call("sessions.patch", Map.of("key", "s", "pinned", true, "category", "work",
                    "expectedLifecycleRevision", "x"));
            assertEquals("missing scope: operator.admin",
                    writer.refused("sessions.patch", Map.of("key", "s", "sendPolicy", "deny")).getMessage());
            assertEquals("missing scope: operator.admin",
                    writer.refused("sessions.patch", Map.of("key", "s", "permissionMode", "full")).getMessage());
            assertEquals("missing scope: operator.admin",
                    writer.refused("sessions.delete", Map.of("key", "s")).getMessage());
        }
    }

    @Test
    void changesNothingForSomebodyWhoLookedAtAnotherSession() throws Exception {
        String id = patch("s", "label", "one").text("sessionId").orElseThrow();
        ClientException refused = client.refused("sessions.patch",
                Map.of("key", "s", "label", "two", "expectedSessionId", "other"));
        assertEquals("session-changed", reason(refused));
        client.call("sessions.patch", Map.of("key", "s", "label", "three", "expectedSessionId", id));
    }

    @Test
    void takesNoMessageWhereTheSessionSaysSo() throws Exception {
        patch("s", "sendPolicy", "deny");
        for (String method : List.of("chat.send", "agent", "sessions.send")) {
            String member = method.equals("sessions.send") ? "key" : "sessionKey";
            assertEquals("send blocked by session policy", client.refused(method,
                    Map.of(member, "s", "message", "hi", "idempotencyKey", "k-" + method)).getMessage());
        }
        patch("s", "sendPolicy", null);
        say("s", "hi", "k");
        assertEquals(List.of("hi", "hi"), texts("s"));
    }

    @Test
    void putsSessionsAwayAndListsThemOnRequest() throws Exception {
        say("a", "x", "k1");
        say("b", "y", "k2");
        patch("a", "archived", true);
        assertEquals(List.of("agent:main:b"), listed(Map.of()));
        assertEquals(List.of("agent:main:a"), listed(Map.of("archived", true)));
        assertEquals(List.of("agent:main:b", "agent:main:a"), listed(Map.of("archived", "all")));
        assertEquals(List.of("agent:main:b"), listed(Map.of("search", "Y")));
    }

    // ---- making ----

    @Test
    void makesASessionAndAsksItsFirstQuestion() throws Exception {
        Json made = client.call("sessions.create", Map.of("key", "child", "label", "Child", "parentSessionKey", "main",
                "message", "first words", "idempotencyKey", "c"));
        assertEquals("agent:main:child", made.text("key").orElse(""));
        assertEquals("c", made.text("runId").orElse(""));
        end("c");
        assertEquals(List.of("first words", "first words"), texts("child"));
        assertEquals(List.of("agent:main:child"), listed(Map.of("spawnedBy", "agent:main:main")));
        String own = client.call("sessions.create", Map.of()).text("key").orElse("");
        assertTrue(own.startsWith("agent:main:dashboard:"), own);
        assertTrue(String.valueOf(client.refused("sessions.create", Map.of("worktree", true)).getMessage())
                .contains("this gateway has no 'worktree'"));
    }

    @Test
    void sendsAndStopsByTheSessionsKey() throws Exception {
        assertEquals("started", client.call("sessions.send",
                Map.of("key", "s", "message", "!hang", "idempotencyKey", "h")).text("status").orElse(""));
        assertEquals("in_flight", client.call("sessions.send",
                Map.of("key", "s", "message", "!hang", "idempotencyKey", "h")).text("status").orElse(""));
        Json stopped = client.call("sessions.abort", Map.of("key", "s"));
        assertEquals("h", stopped.text("abortedRunId").orElse(""));
        assertEquals("no-active-run", client.call("sessions.abort", Map.of("key", "s")).text("status").orElse(""));
    }

    // ---- beginning anew, putting away, removing ----

    @Test
    void beginsAnewAndKeepsWhatWasChosenAndWhatWasSaid() throws Exception {
        patch("s", "thinkingLevel", "low");
        say("s", "old words", "k1");
        String before = described("s").text("sessionId").orElse("");
        Json entry = client.call("sessions.reset", Map.of("key", "s")).at("entry").orElseThrow();
        assertNotEquals(before, entry.text("sessionId").orElse(""));
        assertEquals("low", entry.text("thinkingLevel").orElse(""));
        assertEquals(List.of(), texts("s"));
        say("s", "!history", "k2");
        assertEquals(List.of("!history"), texts("s"), "an engine sees nothing of what was said before");
        assertEquals(2, client.call("sessions.search", Map.of("query", "old")).items("results").size());
    }

    @Test
    void stopsWhatIsAtWorkAndWhatWaitsWhenASessionBeginsAnew() throws Exception {
        client.call("chat.send", Map.of("sessionKey", "s", "message", "!hang", "idempotencyKey", "a"));
        client.call("chat.send", Map.of("sessionKey", "s", "message", "later", "idempotencyKey", "b"));
        client.call("sessions.reset", Map.of("key", "s"));
        List<String> ended = new ArrayList<>(List.of(end("b").text("stopReason"), end("a").text("stopReason")));
        assertEquals(List.of("reset", "reset"), ended);
        assertEquals(List.of(), texts("s"));
        say("s", "new words", "c");
        assertEquals(List.of("new words", "new words"), texts("s"));
        assertEquals(1, client.call("sessions.search", Map.of("query", "later")).items("results").size());
    }

    @Test
    void removesASessionWithEverythingThatWasSaid() throws Exception {
        say("s", "secret words", "k1");
        client.call("sessions.reset", Map.of("key", "s"));
        say("s", "more secret words", "k2");
        assertTrue(client.call("sessions.delete", Map.of("key", "s")).flag("deleted").orElse(false));
        assertFalse(client.call("sessions.delete", Map.of("key", "s")).flag("deleted").orElse(true));
        assertEquals(List.of(), client.call("sessions.search", Map.of("query", "secret")).items("results"));
        assertEquals(List.of(), listed(Map.of()));
        assertEquals("ok", client.call("chat.send", Map.of("sessionKey", "s", "message", "secret words",
                "idempotencyKey", "k1")).text("status").orElse(""), "a repeated request is still known");
        assertEquals(List.of(), texts("s"));
    }

    @Test
    void removesNoMainSessionAndOnlyWhatWasPutAwayIfAskedSo() throws Exception {
        assertEquals("Cannot delete the main session (agent:main:main).",
                client.refused("sessions.delete", Map.of("key", "main")).getMessage());
        say("s", "x", "k");
        assertEquals("session agent:main:s is not archived",
                client.refused("sessions.delete", Map.of("key", "s", "archivedOnly", true)).getMessage());
        patch("s", "archived", true);
        try (Client writer = gateway.with("operator.write")) {
            writer.call("sessions.delete", Map.of("key", "s", "archivedOnly", true));
        }
    }

    @Test
    void putsOldMessagesAwayWhereASearchStillFindsThem() throws Exception {
        for (int i = 1; i <= 5; i++) {
            say("s", "word" + i, "k" + i);
        }
        Json compacted = client.call("sessions.compact", Map.of("key", "s", "maxLines", 4));
        assertEquals("true 4", compacted.flag("compacted").orElse(false) + " " + compacted.whole("kept").orElse(0L));
        assertEquals(List.of("word4", "word4", "word5", "word5"), texts("s"));
        say("s", "word6", "k6");
        Json page = client.call("chat.history", Map.of("sessionKey", "s", "limit", 2, "offset", 2));
        assertEquals("word5", page.items("messages").getLast().items("content").getFirst().text("text").orElse(""));
        assertEquals(2, client.call("sessions.search", Map.of("query", "word1")).items("results").size());
        assertEquals("no sessionId",
                client.call("sessions.compact", Map.of("key", "none")).text("reason").orElse(""));
    }

    @Test
    void stopsNothingWhereThereIsNothingToPutAway() throws Exception {
        client.call("chat.send", Map.of("sessionKey", "s", "message", "!hang", "idempotencyKey", "a"));
        assertFalse(client.call("sessions.compact", Map.of("key", "s")).flag("compacted").orElse(true));
        assertEquals("a", client.call("sessions.abort", Map.of("runId", "a")).text("abortedRunId").orElse(""),
                "a run is found without its session");
    }

    @Test
    void addsANoteInTheAgentsName() throws Exception {
        assertEquals("session not found",
                client.refused("chat.inject", Map.of("sessionKey", "s", "message", "x")).getMessage());
        say("s", "hi", "k");
        String id = client.call("chat.inject", Map.of("sessionKey", "s", "message", "psst", "label", "Note"))
                .text("messageId").orElse("");
        Event told = end("inject-" + id);
        assertEquals("final", told.text("state"));
        assertEquals("[Note]\n\npsst", texts("s").getLast());
        assertEquals("[Note]\n\npsst", client.call("chat.message.get", Map.of("sessionKey", "s", "messageId", id))
                .at("message").orElseThrow().items("content").getFirst().text("text").orElse(""));
        assertTrue(String.valueOf(client.refused("chat.message.get", Map.of("sessionKey", "other", "messageId", id))
                .getMessage()).contains("no message '" + id + "' in session agent:main:other"));
    }

    // ---- finding ----

    @Test
    void findsSessionsByWhatIsKnownOfThem() throws Exception {
        String id = patch("s", "label", "mine").text("sessionId").orElse("");
        assertEquals("agent:main:s", client.call("sessions.resolve", Map.of("key", "s")).text("key").orElse(""));
        assertEquals("agent:main:s", client.call("sessions.resolve", Map.of("sessionId", id)).text("key").orElse(""));
        assertEquals("agent:main:s",
                client.call("sessions.resolve", Map.of("shortId", id.substring(0, 8))).text("key").orElse(""));
        assertEquals("No session found: nosuch",
                client.refused("sessions.resolve", Map.of("key", "nosuch")).getMessage());
        assertFalse(client.call("sessions.resolve", Map.of("key", "nosuch", "allowMissing", true)).flag("ok")
                .orElse(true));
        assertEquals("Either key, sessionId, label or shortId is required",
                client.refused("sessions.resolve", Map.of()).getMessage());
    }

    @Test
    void showsTheNewestWordsOfSeveralSessions() throws Exception {
        say("s", "x".repeat(300), "k");
        patch("e", "label", "empty");
        List<Json> previews = client.call("sessions.preview",
                Map.of("keys", List.of("s", "e", "nosuch", "agent:nobody:x"), "limit", 1, "maxChars", 20))
                .items("previews");
        assertEquals(List.of("ok", "empty", "missing", "error"),
                previews.stream().map(preview -> preview.text("status").orElse("")).toList());
        assertEquals("x".repeat(19) + "…", previews.getFirst().items("items").getFirst().text("text").orElse(""));
        assertEquals(2, client.call("sessions.get", Map.of("key", "s")).items("messages").size());
    }

    @ParameterizedTest
    @CsvSource({"crab, 2", "CRÁB soup, 1", "cr, 2", "lobster, 0", "'\"crab\" OR', 0", "'crab -soup', 1"})
    void findsWhatWasSaidByItsWords(String query, int count) throws Exception {
        patch("a", "label", "a");
        client.call("chat.inject", Map.of("sessionKey", "a", "message", "A crab soup, please"));
        client.call("chat.inject", Map.of("sessionKey", "a", "message", "no " + "filler ".repeat(60) + "crab today"));
        List<Json> results = client
                .call("sessions.search", Map.of("query", query, "sessionKeys", List.of("a"), "limit", 25))
                .items("results");
        assertEquals(count, results.size(), results::toString);
        assertTrue(results.stream().map(one -> one.text("snippet").orElse(""))
                .allMatch(snippet -> snippet.length() <= 202 && snippet.contains("crab")), results::toString);
        assertEquals(List.of(), client.call("sessions.search",
                Map.of("query", query, "sessionKeys", List.of("other"))).items("results"));
    }

    @Test
    void refusesAQueryWithoutWords() throws Exception {
        assertEquals("the query has no word to look for",
                client.refused("sessions.search", Map.of("query", " -- ")).getMessage());
    }

    @Test
    void beginsAnewByItselfWithTheFirstMessageOfANewDay() throws Exception {
        var clock = new SettableClock(Instant.now());
        restart(options -> options.withClock(clock));
        say("s", "yesterday", "k1");
        clock.pass(Duration.ofDays(2));
        assertEquals(List.of("yesterday", "yesterday"), texts("s"), "reading ends no session");
        say("s", "today", "k2");
        assertEquals(List.of("today", "today"), texts("s"));
        assertEquals(2, client.call("sessions.search", Map.of("query", "yesterday")).items("results").size());
    }

    @Test
    void takesNoMessagesWhereTheConfigurationSaysSo() throws Exception {
        Path config = TestGateway.write(folder.resolve("deny.yaml"), """
                session:
                  sendPolicy: {default: allow, rules: [{action: deny, match: {channel: telegram, chatType: group}}]}
                """);
        restart(options -> options.withConfig(config.toString()));
        assertEquals("send blocked by session policy", client.refused("chat.send",
                Map.of("sessionKey", "telegram:group:7", "message", "hi", "idempotencyKey", "k")).getMessage());
        say("telegram:dm:7", "hi", "k2");
        say("s", "hi", "k3");
        patch("telegram:group:7", "sendPolicy", "allow");
        say("telegram:group:7", "hi", "k4");
    }

    private void restart(UnaryOperator<Options> change) throws Exception {
        client.close();
        gateway.close();
        gateway = TestGateway.start(folder, change);
        client = gateway.admin();
    }

    @Test
    void keepsSettingsAndMarksOverARestart() throws Exception {
        patch("s", "thinkingLevel", "low");
        patch("s", "pinned", true);
        restart(options -> options);
        assertEquals("low", described("s").text("thinkingLevel").orElse(""));
        assertTrue(described("s").flag("pinned").orElse(false));
    }
}
