package dev.chela.runtime.wire;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

import dev.chela.api.json.Json;
import dev.chela.runtime.Options;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.TestGateway.Event;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What plugins have a say in, and what comes of those that fail.
class HooksWireTest {

    @TempDir
    Path folder;
    private TestGateway gateway;
    private Client client;

    @BeforeEach
    void begin() throws Exception {
        gateway = TestGateway.start(folder);
        client = gateway.admin();
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
    }

    /// Starts again, with the plugins of the test.
    private void start() throws Exception {
        start(options -> options);
    }

    private void start(UnaryOperator<Options> change) throws Exception {
        stop();
        gateway = TestGateway.start(folder, change);
        client = gateway.admin();
    }

    private void plugin(String id, String statements) {
        PluginJar.registering(id, statements).writeTo(folder.resolve("state/plugins"), id + ".jar");
    }

    private void send(String session, String text, String id) throws Exception {
        client.call("chat.send", Map.of("sessionKey", session, "message", text, "idempotencyKey", id));
    }

    private Event end(String runId) throws InterruptedException {
        return client.await("chat", event -> event.text("runId").equals(runId) && !event.text("state").equals("delta"));
    }

    private String answer(String session, String text, String id) throws Exception {
        send(session, text, id);
        Event end = end(id);
        assertEquals("final", end.text("state"), end::toString);
        return end.payload().at("message").orElseThrow().items("content").getFirst().text("text").orElse("");
    }

    /// Waits until the watching plugin has seen enough.
    private List<String> seen(Predicate<List<String>> enough) throws Exception {
        long end = System.nanoTime() + TestGateway.PATIENCE.toNanos();
        List<String> seen = List.of();
        while (!enough.test(seen)) {
            assertTrue(System.nanoTime() < end, seen::toString);
            seen = client.call("watch.seen").items("seen").stream().map(one -> ((Json.Text) one).value()).toList();
        }
        return seen;
    }

    private static final String WATCHER = """
            java.util.List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
            r.method(Method.of("watch.seen", Scope.READ, NoParams.class, (p, c) -> Map.of("seen", List.copyOf(seen))));
            r.hook(Hook.observe(MessageReceived.class, m -> seen.add("received " + m.runId() + " " + m.text())));
            r.hook(Hook.observe(RunEnded.class, m -> seen.add("ended " + m.runId() + " " + m.outcome() + " " + m.text())));
            r.hook(Hook.observe(SessionStarted.class, m -> seen.add("begun " + m.session() + " " + m.reason())));
            r.hook(Hook.observe(SessionEnded.class, m -> seen.add("over " + m.session() + " " + m.reason())));
            r.hook(Hook.observe(SessionCompacted.class, m -> seen.add("compacted " + m.putAway() + " " + m.kept())));
            """;

    @Test
    void letsAPluginWatchMessagesRunsAndSessions() throws Exception {
        plugin("watch", WATCHER);
        start();
        answer("s", "hi", "a");
        answer("s", "ho", "b");
        client.call("sessions.compact", Map.of("key", "s", "maxLines", 1));
        client.call("sessions.reset", Map.of("key", "s"));
        client.call("sessions.delete", Map.of("key", "s"));
        List<String> seen = seen(events -> events.size() >= 9);
        for (String expected : List.of("begun agent:main:s created", "received a hi", "ended a finished hi",
                "received b ho", "ended b finished ho", "compacted 3 1", "over agent:main:s reset",
                "begun agent:main:s reset", "over agent:main:s deleted")) {
            assertEquals(1, seen.stream().filter(expected::equals).count(), expected + " in " + seen);
        }
    }

    @Test
    void letsPluginsChangeTheQuestionOneAfterTheOtherByPriority() throws Exception {
        plugin("first", "r.hook(Hook.modify(PromptBuilding.class, m -> new PromptBuilding(m.session(), m.runId(),"
                + " m.systemPrompt(), m.message() + \" one\")).priority(5));");
        plugin("second", "r.hook(Hook.modify(PromptBuilding.class, m -> new PromptBuilding(m.session(), m.runId(),"
                + " m.systemPrompt(), m.message() + \" two\")).priority(9));"
                + "r.hook(Hook.modify(PromptBuilding.class, m -> new PromptBuilding(m.session(), m.runId(),"
                + " m.systemPrompt(), m.message() + \" three\")));");
        start();
        assertEquals("hi two one three", answer("s", "hi", "a"));
        assertEquals("hi", client.call("chat.history", Map.of("sessionKey", "s")).items("messages").getFirst()
                .items("content").getFirst().text("text").orElse(""), "the transcript keeps what was said");
    }

    @Test
    void letsAPluginChangeTheAnswerBeforeItIsWritten() throws Exception {
        plugin("masker", "r.hook(Hook.sync(AnswerWriting.class, m -> new AnswerWriting(m.session(), m.runId(),"
                + " m.text().replace(\"secret\", \"***\"))));");
        start();
        assertEquals("a *** word", answer("s", "a secret word", "a"));
        String history = client.call("chat.history", Map.of("sessionKey", "s")).items("messages").getLast().toString();
        assertTrue(history.contains("a *** word"), history);
    }

    @Test
    void letsAPluginChangeWhatIsWrittenOfAnAnswerThatIsCutOffOrCallsTools() throws Exception {
        plugin("masker", "r.hook(Hook.sync(AnswerWriting.class, m -> new AnswerWriting(m.session(), m.runId(),"
                + " m.text().replace(\"secret\", \"***\"))));"
                + "r.tool(Tool.of(\"look\", \"Looks.\", NoParams.class, (p, c) -> \"seen\"));");
        start();
        send("s", "one secret !call=look{} two secret", "a");
        end("a");
        send("s", "three secret !fail", "b");
        end("b");
        List<Json> messages = client.call("chat.history", Map.of("sessionKey", "s")).items("messages").stream()
                .filter(message -> message.text("role").orElse("").equals("assistant")).toList();
        assertEquals(List.of("one ***", "seentwo ***", "three ***"),
                messages.stream().map(HooksWireTest::words).toList());
    }

    private static String words(Json message) {
        return message.items("content").stream().flatMap(part -> part.text("text").stream()).findFirst().orElse("")
                .strip();
    }

    @Test
    void letsTheFirstPluginThatWantsToAnswerInsteadOfTheEngine() throws Exception {
        plugin("shy", "r.hook(Hook.claim(RunClaiming.class, m -> Optional.<String>empty()).priority(9));");
        plugin("weather", "r.hook(Hook.claim(RunClaiming.class, m -> m.message().contains(\"weather\")"
                + " ? Optional.of(\"rain\") : Optional.<String>empty()));");
        plugin("zzz", "r.hook(Hook.claim(RunClaiming.class, m -> Optional.of(\"too late\")).priority(-1));");
        start();
        assertEquals("rain", answer("s", "the weather?", "a"));
        assertEquals("too late", answer("s", "the news?", "b"));
    }

    @Test
    void refusesARunForThePluginThatIsAgainstIt() throws Exception {
        plugin("guard", "r.hook(Hook.gate(RunStarting.class, m -> m.message().contains(\"bomb\")"
                + " ? Optional.of(\"no bombs\") : Optional.<String>empty()));");
        start();
        send("s", "a bomb", "a");
        Event refused = end("a");
        assertEquals("plugin 'guard' refuses: no bombs", refused.text("errorMessage"));
        assertEquals("refusal", refused.text("errorKind"));
        assertEquals("a flower", answer("s", "a flower", "b"));
    }

    @Test
    void tellsNoMoreOfARefusalThanAPersonReads() throws Exception {
        plugin("guard", "r.hook(Hook.gate(RunStarting.class, m -> Optional.of(\"x\".repeat(5000))));");
        start();
        send("s", "hi", "a");
        assertEquals("plugin 'guard' refuses: " + "x".repeat(1000), end("a").text("errorMessage"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"throw new IllegalStateException(\"oops\");", "Thread.sleep(Long.MAX_VALUE); return null;",
            "return null;", "throw new NoClassDefFoundError(\"gone\");"})
    void refusesARunWhoseGateFails(String body) throws Exception {
        plugin("guard", "r.hook(Hook.<RunStarting>gate(RunStarting.class, m -> { " + body
                + " }).within(java.time.Duration.ofMillis(200)));");
        start();
        send("s", "a flower", "a");
        assertEquals("plugin 'guard' refuses: its check failed; the gateway's log says why",
                end("a").text("errorMessage"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"throw new IllegalStateException(\"oops\");", "Thread.sleep(Long.MAX_VALUE); return null;",
            "return null;",
            "return new PromptBuilding(m.session(), m.runId(), m.systemPrompt(), null);",
            "return new PromptBuilding(m.session(), m.runId(), m.systemPrompt(), \"x\".repeat(5_000_000));"})
    void goesOnWithoutAHookThatFails(String body) throws Exception {
        plugin("broken", "r.hook(Hook.<PromptBuilding>modify(PromptBuilding.class, m -> { " + body
                + " }).within(java.time.Duration.ofMillis(200)).priority(1));"
                + "r.hook(Hook.<MessageReceived>observe(MessageReceived.class, m -> { throw new Exception(\"bad\"); }));"
                + "r.hook(Hook.<RunClaiming>claim(RunClaiming.class, m -> { throw new Exception(\"bad\"); }));"
                + "r.hook(Hook.<AnswerWriting>sync(AnswerWriting.class, m -> { throw new Exception(\"bad\"); }));");
        plugin("works", "r.hook(Hook.modify(PromptBuilding.class, m -> new PromptBuilding(m.session(), m.runId(),"
                + " m.systemPrompt(), m.message() + \"!\")));");
        start();
        assertEquals("hi!", answer("s", "hi", "a"));
    }

    @Test
    void waitsForNoObserver() throws Exception {
        plugin("sleepy", "r.hook(Hook.<MessageReceived>observe(MessageReceived.class,"
                + " m -> Thread.sleep(Long.MAX_VALUE)).within(java.time.Duration.ofMinutes(1)));");
        start();
        for (int i = 0; i < 30; i++) {
            assertEquals("m" + i, answer("s" + i, "m" + i, "k" + i));
        }
    }

    @Test
    void stopsARunWhileAPluginDecides() throws Exception {
        plugin("guard", "r.hook(Hook.<RunStarting>gate(RunStarting.class,"
                + " m -> { Thread.sleep(Long.MAX_VALUE); return null; }).within(java.time.Duration.ofMinutes(1)));");
        start();
        send("s", "hi", "a");
        client.await("agent", event -> event.text("runId").equals("a"));
        client.call("chat.abort", Map.of("sessionKey", "s", "runId", "a"));
        assertEquals("aborted", end("a").text("state"));
    }

    @Test
    void letsAPluginChooseAmongKnownModelsOnly() throws Exception {
        Path config = TestGateway.write(folder.resolve("models.yaml"), """
                models: {providers: {fake: {baseUrl: "http://127.0.0.1:1", models: [{id: one}, {id: two}]}}}
                agents: {defaults: {engine: echo, model: fake/one}}
                """);
        plugin("chooser", "r.hook(Hook.modify(ModelChoosing.class, m -> new ModelChoosing(m.session(), m.runId(),"
                + " Optional.of(m.session().rest().equals(\"odd\") ? \"no/such\" : \"fake/two\"))));");
        start(options -> options.withConfig(config.toString()));
        answer("s", "hi", "a");
        answer("odd", "hi", "b");
        assertEquals("two", model("s"));
        assertEquals("one", model("odd"));
    }

    private String model(String session) throws Exception {
        return client.call("chat.history", Map.of("sessionKey", session)).items("messages").getLast().text("model")
                .orElse("");
    }

    private String shouted(String text) throws Exception {
        Json said = client.call("tools.invoke", Map.of("name", "shout", "args", Map.of("text", text)));
        return said.at("error").map(error -> "ERROR " + error.text("message").orElse("")).orElseGet(() -> said
                .at("output").orElseThrow().items("content").getFirst().text("text").orElse(""));
    }

    @Test
    void letsPluginsRefuseChangeMaskAndWatchTheUseOfTools() throws Exception {
        plugin("kit", "r.tool(Tool.of(\"shout\", \"Shout.\", Json.of(Map.of(\"type\", \"object\")),"
                + " (args, call) -> args.text(\"text\").orElse(\"\") + \"!\"));");
        plugin("guard", """
                r.hook(Hook.gate(ToolCalling.class, m -> m.arguments().text("text").filter("rude really"::equals)
                        .map(word -> "be nice")));
                r.hook(Hook.modify(ToolCalling.class, m -> new ToolCalling(m.session(), m.runId(), m.tool(),
                        m.arguments().text("text").filter("odd"::equals).isPresent() ? Json.of(7)
                        : Json.of(Map.of("text", m.arguments().text("text").orElse("") + " really")))));
                r.hook(Hook.sync(ToolResultWriting.class, m -> new ToolResultWriting(m.session(), m.runId(), m.tool(),
                        m.result().replace("secret", "***"))));
                """);
        plugin("watch", WATCHER + "r.hook(Hook.observe(ToolCalled.class,"
                + " m -> seen.add(m.tool() + (m.isError() ? \" failed \" : \" said \") + m.result())));");
        start();
        assertEquals("hi really!", shouted("hi"));
        assertEquals("ERROR plugin 'guard' refuses: be nice", shouted("rude"));
        assertEquals("odd!", shouted("odd"), "what is no object is not taken");
        assertEquals("a *** really!", shouted("a secret"));
        List<String> seen = seen(events -> events.size() >= 4);
        assertTrue(seen.containsAll(List.of("shout said hi really!", "shout said a *** really!",
                "shout failed plugin 'guard' refuses: be nice")), seen::toString);
    }

    @Test
    void refusesAToolWhoseGateFails() throws Exception {
        plugin("kit", "r.tool(Tool.of(\"shout\", \"Shout.\", Json.of(Map.of(\"type\", \"object\")),"
                + " (args, call) -> \"done\"));");
        plugin("guard", "r.hook(Hook.<ToolCalling>gate(ToolCalling.class, m -> { throw new Exception(\"oops\"); }));");
        start();
        assertEquals("ERROR plugin 'guard' refuses: its check failed; the gateway's log says why", shouted("hi"));
    }

    @Test
    void namesHooksInListsAndRefusesAKindThatAMomentDoesNotTake() throws Exception {
        plugin("good", "r.hook(Hook.observe(RunEnded.class, m -> {}).priority(3));");
        plugin("wrong", "r.hook(Hook.gate(RunEnded.class, m -> Optional.<String>empty()));");
        start();
        String plugins = client.call("plugins.list").toString();
        assertTrue(plugins.contains("RunEnded (observe, priority 3)"), plugins);
        assertTrue(plugins.contains("hook for RunEnded of the kind gate, which takes observe only"), plugins);
    }

    @Test
    void letsTheOperatorSayHowLongAHookMayTake() throws Exception {
        plugin("slow",
                "r.hook(Hook.gate(RunStarting.class, e -> { Thread.sleep(60_000); return Optional.empty(); }));");
        TestGateway.write(folder.resolve("state/chela.yaml"),
                "plugins: {entries: {slow: {hooks: {timeoutMs: 60000, timeouts: {RunStarting: 50}}}}}");
        start();
        send("s", "hello", "1");
        assertTrue(end("1").text("errorMessage").startsWith("plugin 'slow' refuses: its check failed"));
    }
}
