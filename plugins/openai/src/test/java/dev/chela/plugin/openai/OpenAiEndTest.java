package dev.chela.plugin.openai;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.ObjectName;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What is left of the plugin when its gateway has stopped: nothing.
class OpenAiEndTest {

    @TempDir
    Path folder;

    /// Asks the JVM about itself; the histogram collects garbage first.
    private static String ask(String command) throws Exception {
        return (String) ManagementFactory.getPlatformMBeanServer().invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"), command, new Object[]{new String[0]},
                new String[]{String[].class.getName()});
    }

    private void chatAndStopInTheMiddleOfAnother() throws Exception {
        var closed = new CountDownLatch(1);
        try (var chats = OpenAiGateway.configured(folder, "",
                options -> options.drainingFor(Duration.ofMillis(100)))) {
            chats.provider().streams(FakeProvider.text("a"), FakeProvider.finish("stop"));
            assertEquals("a", chats.chat().answer());
            chats.provider().does(reply -> reply.stream().event(FakeProvider.text("b")).awaitClose(closed));
            String run = chats.send("main", "hi");
            chats.client().await("chat", event -> event.text("runId").equals(run));
            assertTrue(ask("vmClassloaders").contains("PluginClassLoader"), "this test sees nothing");
        }
        assertTrue(closed.await(10, TimeUnit.SECONDS), "the connection is still open");
    }

    @Test
    void leavesNoThreadAndNoClassBehind() throws Exception {
        chatAndStopInTheMiddleOfAnother();
        for (int i = 0; i < 50 && !threads().isEmpty(); i++) {
            var _ = new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
        }
        assertEquals(List.of(), threads());
        for (int i = 0; i < 50 && ask("vmClassloaders").contains("PluginClassLoader"); i++) {
            assertFalse(ask("gcClassHistogram").isEmpty());
            var _ = new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
        }
        assertFalse(ask("vmClassloaders").contains("PluginClassLoader"), "the plugin's classes are still loaded");
    }

    /// Those of the plugin's client and of the test's own, which have all been closed.
    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
                .filter(name -> name.contains("HttpClient")).toList();
    }
}
