package dev.chela.runtime.log;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LogFileTest {

    @TempDir
    Path folder;

    @Test
    void writesLinesThatLogViewsOfOfficialClientsRead() throws Exception {
        Path file = folder.resolve("test.log");
        LogFile log = LogFile.open(file);
        System.getLogger("test.part").log(Level.WARNING, "a \"quoted\"\nline\u001b[31m");
        log.close();
        List<Json> lines = Files.readAllLines(file).stream().map(line -> JsonCodec.read(JsonText.of(line))).toList();
        Json line = lines.stream().filter(one -> one.text("0").orElse("").contains("test.part")).findFirst()
                .orElseThrow();
        assertEquals("{\"subsystem\":\"test.part\"}", line.text("0").orElse(""));
        assertEquals("a \"quoted\"\nline\u001b[31m", line.text("1").orElse(""));
        assertEquals(line.text("1"), line.text("message"));
        assertEquals("WARN", line.at("_meta").orElseThrow().text("logLevelName").orElse(""));
        assertTrue(line.text("time").isPresent());
    }

    @Test
    void writesEverythingThatWasLoggedBeforeItCloses() throws Exception {
        Path file = folder.resolve("many.log");
        LogFile log = LogFile.open(file);
        for (int i = 0; i < 1000; i++) {
            log.publish(new LogRecord(java.util.logging.Level.INFO, "line " + i));
        }
        log.close();
        assertEquals(1000, Files.readAllLines(file).stream().filter(line -> line.contains("\"1\":\"line ")).count());
    }

    @Test
    void goesOnWhenItsFileCanBeWrittenAgainAndSaysHowMuchIsMissing() throws Exception {
        Path file = folder.resolve("not/yet.log");
        var failed = new CountDownLatch(1);
        var watch = new Handler() {

            @Override
            public void publish(LogRecord line) {
                if (line.getMessage().contains("not/yet.log cannot be written")) {
                    failed.countDown();
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger.getLogger("").addHandler(watch);
        LogFile log = LogFile.open(file);
        log.publish(new LogRecord(java.util.logging.Level.INFO, "lost"));
        assertTrue(failed.await(20, TimeUnit.SECONDS));
        Logger.getLogger("").removeHandler(watch);
        Files.createDirectory(file.getParent());
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Files.exists(file) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        log.publish(new LogRecord(java.util.logging.Level.INFO, "kept"));
        log.close();
        assertTrue(Files.readString(file).contains("lines before this one were left out"), Files.readString(file));
    }

    @Test
    void showsControlCharactersInsteadOfObeyingThem() {
        var out = new ByteArrayOutputStream();
        var console = ConsoleLog.on(new PrintStream(out, true, StandardCharsets.UTF_8));
        console.publish(new LogRecord(java.util.logging.Level.INFO, "red \u001b[31m and \r back"));
        String shown = out.toString(StandardCharsets.UTF_8);
        assertTrue(shown.contains("red \\u001b[31m and \\u000d back"), shown);
        assertFalse(shown.contains("\u001b"));
    }
}
