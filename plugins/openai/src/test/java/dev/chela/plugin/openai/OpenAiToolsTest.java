package dev.chela.plugin.openai;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import dev.chela.api.json.Json;
import dev.chela.plugin.openai.FakeProvider.Asked;
import dev.chela.plugin.openai.OpenAiGateway.Chat;
import dev.chela.runtime.testing.ToolKit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Models that call tools, well and badly.
class OpenAiToolsTest {

    private static final String CALLS = FakeProvider.finish("tool_calls");

    @TempDir
    Path folder;
    private OpenAiGateway chats;

    @BeforeEach
    void start() throws Exception {
        ToolKit.writeTo(folder.resolve("state/plugins"));
        chats = OpenAiGateway.configured(folder, "");
    }

    @AfterEach
    void stop() throws Exception {
        chats.close();
    }

    private static FakeProvider.Script calling(String head, String arguments) {
        return FakeProvider.stream(FakeProvider.call(0, head, arguments), CALLS);
    }

    private static FakeProvider.Script saying(String text) {
        return FakeProvider.stream(FakeProvider.text(text), FakeProvider.finish("stop"));
    }

    private static String role(Json message) {
        return message.text("role").orElse("");
    }

    private List<Json> asked() throws InterruptedException {
        return chats.provider().asked().body().items("messages");
    }

    /// What the model is told after it called one tool.
    private String toldAfter(String head, String arguments) throws Exception {
        chats.provider().inTurn(calling(head, arguments), saying("done"));
        assertEquals("done", chats.chat().answer());
        asked();
        Json result = asked().getLast();
        assertEquals("tool", role(result));
        assertEquals(head.substring(0, head.indexOf(' ')), result.text("tool_call_id").orElse(""));
        return result.text("content").orElse("");
    }

    @Test
    void callsAToolAndAnswersWithWhatItSaid() throws Exception {
        chats.provider().inTurn(FakeProvider.stream(FakeProvider.text("Let me add."),
                FakeProvider.call(0, "c1 sum", ""), FakeProvider.call(0, "", "{\"a\":1,"),
                FakeProvider.call(0, "", "\"b\":2}"), CALLS,
                "{\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}"),
                FakeProvider.stream(FakeProvider.text("It is 3."), FakeProvider.finish("stop"),
                        "{\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":7}}"));
        Chat chat = chats.chat("sums", "1 + 2?");
        assertEquals("Let me add.\n\nIt is 3.", chat.answer());
        Json usage = chat.end().payload().at("usage").orElseThrow();
        assertEquals(List.of(30L, 12L), List.of(usage.whole("input").orElse(0L), usage.whole("output").orElse(0L)));

        Asked first = chats.provider().asked();
        Json sum = first.body().items("tools").getFirst();
        assertEquals("function", sum.text("type").orElse(""));
        Json function = sum.at("function").orElseThrow();
        assertEquals(List.of("sum", "Adds."),
                List.of(function.text("name").orElse(""), function.text("description").orElse("")));
        assertEquals("The first.", function.at("parameters").orElseThrow().at("properties").orElseThrow().at("a")
                .orElseThrow().text("description").orElse(""));

        List<Json> second = asked();
        assertEquals(List.of("user", "assistant", "tool"), second.stream().map(OpenAiToolsTest::role).toList());
        assertEquals("Let me add.", second.get(1).text("content").orElse(""));
        Json call = second.get(1).items("tool_calls").getFirst();
        assertEquals("c1", call.text("id").orElse(""));
        assertEquals("{\"a\":1,\"b\":2}", call.at("function").orElseThrow().text("arguments").orElse(""));
        assertEquals("{\"sum\":3}", second.get(2).text("content").orElse(""));

        assertEquals(List.of("user", "assistant", "toolResult", "assistant"),
                chats.history("sums").stream().map(OpenAiToolsTest::role).toList());
        chats.provider().does(saying("again"));
        chats.chat("sums", "and?");
        assertEquals(List.of("user", "assistant", "tool", "assistant", "user"),
                asked().stream().map(OpenAiToolsTest::role).toList());
    }

    @Test
    void callsTwoToolsOfOneAnswer() throws Exception {
        chats.provider().inTurn(FakeProvider.stream(FakeProvider.call(0, "c1 say", "{\"text\""),
                FakeProvider.call(1, "c2 say", "{\"text\":\"two"), FakeProvider.call(0, "", ":\"one\"}"),
                FakeProvider.call(1, "", "\"}"), CALLS), saying("done"));
        assertEquals("done", chats.chat().answer());
        asked();
        List<Json> messages = asked();
        assertEquals(2, messages.get(1).items("tool_calls").size());
        assertEquals(List.of("c1 one", "c2 two"), messages.subList(2, 4).stream()
                .map(message -> message.text("tool_call_id").orElse("") + " " + message.text("content").orElse(""))
                .toList());
    }

    @Test
    void takesCallsThatComeWhole() throws Exception {
        String calls = "\"tool_calls\":[{\"function\":{\"name\":\"say\",\"arguments\":\"{\\\"text\\\":\\\"a\\\"}\"}},"
                + "{\"function\":{\"name\":\"nothing\",\"arguments\":\"\"}}]";
        chats.provider().inTurn(reply -> reply.whole(200, "application/json",
                "{\"choices\":[{\"message\":{\"content\":null," + calls + "},\"finish_reason\":\"tool_calls\"}]}"),
                FakeProvider.stream("{\"choices\":[{\"delta\":{" + calls + "}}]}", CALLS), saying("done"));
        assertEquals("done", chats.chat().answer());
        asked();
        asked();
        assertEquals(List.of("call_0_0 a", "call_0_1 ", "call_1_0 a", "call_1_1 "), asked().stream()
                .filter(message -> role(message).equals("tool"))
                .map(message -> message.text("tool_call_id").orElse("") + " " + message.text("content").orElse(""))
                .toList());
    }

    @Test
    void tellsCallsApartThatAreNumberedAlike() throws Exception {
        chats.provider().inTurn(FakeProvider.stream(FakeProvider.call(0, "c1 say", "{\"text\":\"one\"}"),
                FakeProvider.call(0, "c2 say", "{\"text\":\"t"),
                FakeProvider.call(0, "", "w").replace("\"function\":", "\"id\":\"made-up\",\"function\":"),
                FakeProvider.call(0, "c2 say", "o\"}"), CALLS), saying("done"));
        assertEquals("done", chats.chat().answer());
        asked();
        assertEquals(List.of("c1 one", "c2 two"), asked().stream().filter(message -> role(message).equals("tool"))
                .map(message -> message.text("tool_call_id").orElse("") + " " + message.text("content").orElse(""))
                .toList());
    }

    // ---- tools that do not do what they should ----

    @Test
    void tellsTheModelWhatWentWrong() throws Exception {
        assertTrue(toldAfter("c1 invented", "{}").startsWith("there is no tool 'invented'; there are: sum, say, "));
        assertEquals("tool 'crash' failed; the gateway's log says why", toldAfter("c2 crash", "{}"));
        assertEquals("tool 'slow' took longer than 100 ms and was stopped", toldAfter("c3 slow", "{}"));
        assertEquals("invalid arguments of tool 'sum': must have required property 'b'",
                toldAfter("c4 sum", "{\"a\":1}"));
    }

    @Test
    void tellsTheModelThatItsArgumentsAreNotJson() throws Exception {
        String told = toldAfter("c1 sum", "{\"a\":1,");
        assertTrue(told.startsWith("the arguments of this call cannot be used: they are not JSON: "), told);
        assertEquals("the arguments of this call cannot be used: they are no object", toldAfter("c2 sum", "[1]"));
        assertEquals("", toldAfter("c3 nothing", "null"));
        chats.provider().inTurn(calling("c4 sum", "{a"), saying("done"));
        chats.chat();
        asked();
        assertEquals("{}", asked().get(1).items("tool_calls").getFirst().at("function").orElseThrow()
                .text("arguments").orElse(""), "providers refuse to be told of such again");
    }

    @Test
    void endsATurnThatOnlyCallsTools() throws Exception {
        chats.provider().does(calling("c sum", "{\"a\":1,\"b\":1}"));
        Chat chat = chats.chat();
        assertEquals("error", chat.state());
        assertEquals("the model called tools 60 times in a row and never answered", chat.error());
        List<Json> last = List.of();
        for (int i = 0; i < OpenAiEngine.MAX_ROUNDS; i++) {
            last = asked();
        }
        assertEquals(0, chats.provider().further());
        assertEquals("no more than 50 tools may be called in one turn; answer with what you have",
                last.getLast().text("content").orElse(""));
    }

    @Test
    void stopsTheToolWhenTheChatIsAborted() throws Exception {
        Path mark = folder.resolve("mark");
        chats.provider().does(calling("c1 mark", "{\"text\":\"" + mark + "\"}"));
        String run = chats.send("abort", "hi");
        ToolKit.awaitFile(mark);
        chats.client().call("chat.abort", Map.of("sessionKey", "abort", "runId", run));
        assertEquals("aborted", chats.end(run).state());
        ToolKit.awaitFile(Path.of(mark + ".stopped"));
        asked();
        assertEquals(0, chats.provider().further(), "the provider is not asked again");
    }

    // ---- providers that do not do what they should ----

    @Test
    void endsARunWhoseProviderFailsBetweenTwoRounds() throws Exception {
        chats.provider().inTurn(calling("c1 nothing", "{}"), reply -> reply.whole(500, "text/plain", "on fire"));
        assertEquals("provider 'fake' failed (500): on fire", chats.chat().error());
        chats.provider().inTurn(calling("c1 nothing", "{}"), FakeProvider.Reply::close);
        Chat chat = chats.chat();
        assertEquals("error", chat.state());
        assertTrue(chat.error().startsWith("provider 'fake' at 127.0.0.1:"), chat.error());
    }

    @Test
    void asksAgainWithoutToolsWhereAModelKnowsNone() throws Exception {
        chats.provider().inTurn(reply -> reply.whole(400, "application/json",
                "{\"error\":{\"message\":\"crab-1 does not support tools\"}}"), saying("no tools, no trouble"));
        assertEquals("no tools, no trouble", chats.chat().answer());
        assertFalse(chats.provider().asked().body().items("tools").isEmpty());
        assertTrue(chats.provider().asked().body().at("tools").isEmpty());
    }

    static Stream<Arguments> senseless() {
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 65; i++) {
            many.add(FakeProvider.call(i, "c" + i + " nothing", "{}"));
        }
        String known = "\"index\":0,\"id\":\"c\"";
        return Stream.of(
                Arguments.of(List.of(delta("\"x\"")), "its tool_calls are no list"),
                Arguments.of(List.of(delta("[1]")), "one of its tool_calls has no function"),
                Arguments.of(List.of(delta("[{" + known + "}]")), "one of its tool_calls has no function"),
                Arguments.of(List.of(delta("[{" + known + ",\"function\":{\"arguments\":\"{}\"}}]")),
                        "one of its tool_calls has no name"),
                Arguments.of(List.of(delta("[{" + known + ",\"function\":{\"name\":\"say\",\"arguments\":7}}]")),
                        "the arguments of a tool are no string"),
                Arguments.of(List.of(FakeProvider.call(0, "c " + "n".repeat(257), "")),
                        "a tool's id or name has more than 256 characters"),
                Arguments.of(List.of(FakeProvider.call(0, "c say", "x".repeat(200_000)),
                        FakeProvider.call(0, "", "x".repeat(200_000))),
                        "the arguments of a tool have more than 262144 characters"),
                Arguments.of(many, "it calls more than 64 tools at once"));
    }

    private static String delta(String calls) {
        return "{\"choices\":[{\"delta\":{\"tool_calls\":" + calls + "}}]}";
    }

    @ParameterizedTest
    @MethodSource("senseless")
    void saysWhatMakesNoSense(List<String> events, String what) throws Exception {
        var all = new ArrayList<>(events);
        all.add(CALLS);
        chats.provider().does(FakeProvider.stream(all.toArray(String[]::new)));
        Chat chat = chats.chat();
        assertEquals("provider 'fake' sent an answer that makes no sense: " + what, chat.error());
    }

    @Test
    void callsNothingOfAnAnswerThatBrokeOff() throws Exception {
        Path mark = folder.resolve("mark-" + UUID.randomUUID());
        String call = FakeProvider.call(0, "c1 mark", "{\"text\":\"" + mark + "\"}");
        chats.provider().does(reply -> reply.stream().event(call).end());
        assertEquals("the answer of provider 'fake' broke off", chats.chat().error());
        chats.provider().does(FakeProvider.stream(call, FakeProvider.finish("length")));
        assertEquals("length", chats.chat().end().text("stopReason"));
        assertFalse(Files.exists(mark));
    }
}
