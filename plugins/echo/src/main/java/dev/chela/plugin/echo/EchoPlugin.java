package dev.chela.plugin.echo;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.chela.api.GatewayPlugin;
import dev.chela.api.Registrar;
import dev.chela.api.agent.AgentEngine;
import dev.chela.api.agent.Turn;
import dev.chela.api.agent.TurnResult;
import dev.chela.api.agent.TurnResult.StopReason;
import dev.chela.api.agent.TurnResult.Usage;
import dev.chela.api.agent.TurnSink;
import dev.chela.api.json.Bounds;

import org.jspecify.annotations.Nullable;

/// Brings the engine `echo`: no key, no network. It answers where no model is configured, and shows that all else works.
public final class EchoPlugin implements GatewayPlugin {

    private static final Duration DEFAULT_PAUSE = Duration.ofMillis(20);

    /// The settings.
    ///
    /// @param pauseMs how long to wait between two words (default: 20)
    record Settings(@Bounds(min = 0, max = 60_000) @Nullable Integer pauseMs) {

        Duration pause() {
            return pauseMs == null ? DEFAULT_PAUSE : Duration.ofMillis(pauseMs);
        }
    }

    @Override
    public void register(Registrar registrar) {
        var settings = registrar.context().settings(Settings.class);
        registrar.engine("echo", new Echo(() -> settings.current().pause()));
    }

    private record Echo(Supplier<Duration> pause) implements AgentEngine {

        @Override
        public TurnResult run(Turn turn, TurnSink sink) throws InterruptedException {
            String text = said(turn);
            int from = 0;
            int words = 0;
            while (from < text.length()) {
                int to = endOfWord(text, from);
                if (words > 0) {
                    TimeUnit.NANOSECONDS.sleep(pause.get().toNanos());
                }
                sink.text(text.substring(from, to));
                from = to;
                words++;
            }
            return new TurnResult(StopReason.STOP, new Usage(words, words, 0));
        }

        /// The message, and what came with it by name and size.
        private static String said(Turn turn) {
            String attached = turn.attachments().stream()
                    .map(one -> "[" + one.name() + ", " + one.mimeType() + ", " + one.size() + " bytes]")
                    .collect(Collectors.joining(" "));
            return turn.message().isEmpty() || attached.isEmpty()
                    ? turn.message() + attached
                    : turn.message() + "\n\n" + attached;
        }

        /// Behind the next word and the blanks after it.
        private static int endOfWord(String text, int from) {
            int to = from;
            while (to < text.length() && !Character.isWhitespace(text.charAt(to))) {
                to++;
            }
            while (to < text.length() && Character.isWhitespace(text.charAt(to))) {
                to++;
            }
            return to;
        }
    }
}
