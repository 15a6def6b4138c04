package dev.chela.runtime.testing;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Assertions;

/// A plugin with tools for every way a call can go.
public final class ToolKit {

    private static final String SOURCE = """
            record Sum(@Describe("The first.") int a, @Bounds(max = 9) int b) {}
            record Text(String text) {}
            record None() {}
            record Broken(String x) { public String x() { throw new IllegalStateException("secret details"); } }

            @Override public void register(Registrar r) {
                r.tool(Tool.of("sum", "Adds.", Sum.class, (p, call) -> Map.of("sum", p.a() + p.b())));
                r.tool(Tool.of("say", "Says it.", Text.class, (p, call) -> p.text()));
                r.tool(Tool.of("who", "Says who calls.", None.class, (p, call) -> call.session() + " " + call.id() + " "
                        + call.runId().orElse("none")));
                r.tool(Tool.of("free", "Takes anything.", Json.of(Map.of("type", "object")), (p, call) -> p));
                r.tool(Tool.of("nothing", "Says nothing.", None.class, (p, call) -> null));
                r.tool(Tool.of("wrong", "Says no.", None.class, (p, call) -> ToolResult.error("not today")));
                r.tool(Tool.of("picky", "Objects.", None.class, (p, call) -> {
                    throw new IllegalArgumentException("the moon is full"); }));
                r.tool(Tool.of("crash", "Fails.", None.class, (p, call) -> {
                    throw new IllegalStateException("secret details"); }));
                r.tool(Tool.of("wreck", "Fails badly.", None.class, (p, call) -> { throw new NoClassDefFoundError("x"); }));
                r.tool(Tool.of("odd", "Has no form.", None.class, (p, call) -> new Broken("x")));
                r.tool(Tool.of("half", "Half a character.", None.class, (p, call) -> "a\\ud83e"));
                r.tool(Tool.of("long", "Long.", None.class, (p, call) -> "x".repeat(300_000)));
                r.tool(Tool.of("huge", "Too long.", None.class, (p, call) -> List.of("x".repeat(5 << 20))));
                r.tool(Tool.of("slow", "Hangs.", None.class, (p, call) -> { Thread.sleep(Long.MAX_VALUE); return 1; })
                        .within(java.time.Duration.ofMillis(100)));
                r.tool(Tool.of("deaf", "Hangs for good.", None.class, (p, call) -> {
                    while (!Files.exists(Path.of(System.getProperty("java.io.tmpdir"), "never"))) {
                        try { Thread.sleep(50); } catch (InterruptedException e) { }
                    }
                    return 1;
                }).within(java.time.Duration.ofMillis(100)));
                var count = new java.util.concurrent.atomic.AtomicInteger();
                r.tool(Tool.of("count", "Counts its calls.", None.class, (p, call) -> "" + count.incrementAndGet()));
                r.tool(Tool.of("mark", "Leaves a file, and one more when stopped.", Text.class, (p, call) -> {
                    Files.createFile(Path.of(p.text()));
                    try {
                        Thread.sleep(Long.MAX_VALUE);
                    } catch (InterruptedException e) {
                        Files.createFile(Path.of(p.text() + ".stopped"));
                    }
                    return 1;
                }));
            }
            """;

    private ToolKit() {}

    /// Puts the plugin's jar into a folder.
    public static Path writeTo(Path folder) {
        return PluginJar.of("kit", SOURCE).writeTo(folder, "kit.jar");
    }

    /// Waits for a file that a tool makes.
    public static void awaitFile(Path file) {
        long end = System.nanoTime() + TestGateway.PATIENCE.toNanos();
        while (!Files.exists(file)) {
            Assertions.assertTrue(System.nanoTime() < end, "no " + file);
            Thread.onSpinWait();
        }
    }
}
