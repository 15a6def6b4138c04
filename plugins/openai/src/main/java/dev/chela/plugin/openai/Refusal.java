package dev.chela.plugin.openai;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

import dev.chela.api.agent.EngineException;
import dev.chela.api.agent.EngineException.Kind;
import dev.chela.api.json.Json;
import dev.chela.api.json.JsonTexts;

/// What a provider said instead of an answer.
///
/// @param status the HTTP status; 0 if it came inside an answer
/// @param code the provider's own name for it; empty if there is none
/// @param text what it says to people, not masked yet; empty if nothing
record Refusal(int status, String code, String text, HttpHeaders headers) {

    private static final int MAX_BODY = 64 << 10;
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final int MAX_TEXT = 300;
    private static final HttpHeaders NO_HEADERS = HttpHeaders.of(Map.of(), (_, _) -> true);
    private static final Pattern TOO_LONG = Pattern.compile("context.?(length|window|size)|maximum context|too many"
            + " (input )?tokens|(prompt|input|conversation) is too (long|large)|reduce the length",
            Pattern.CASE_INSENSITIVE);

    /// Reads what comes with a bad status; what takes too long or is too much is left out. Closes the body.
    static Refusal read(HttpResponse<Body> response, JsonTexts json) throws InterruptedException {
        var bytes = new ByteArrayOutputStream();
        long end = System.nanoTime() + PATIENCE.toNanos();
        try (Body body = response.body()) {
            Optional<ByteBuffer> piece = body.next(PATIENCE);
            while (piece.isPresent() && bytes.size() < MAX_BODY) {
                byte[] some = new byte[Math.min(piece.get().remaining(), MAX_BODY - bytes.size())];
                piece.get().get(some);
                bytes.writeBytes(some);
                piece = body.next(Duration.ofNanos(end - System.nanoTime()));
            }
        } catch (IOException | TimeoutException e) {
            // what came until then must do
        }
        String text = bytes.toString(StandardCharsets.UTF_8);
        try {
            return of(response.statusCode(), json.read(text), response.headers());
        } catch (IllegalArgumentException e) {
            String plain = text.stripLeading().startsWith("<") ? "" : text;
            return new Refusal(response.statusCode(), "", plain, response.headers());
        }
    }

    /// An error inside an answer.
    static Refusal within(Json chunk) {
        return of(0, chunk, NO_HEADERS);
    }

    /// Whether a chunk of an answer is an error.
    static boolean isOne(Json chunk) {
        return chunk.at("error").isPresent() || chunk.text("object").filter("error"::equals).isPresent();
    }

    /// Providers put their errors into an object, into a string, or right into the body.
    private static Refusal of(int status, Json body, HttpHeaders headers) {
        Json error = body.at("error").orElse(body);
        String code = error.text("code").or(() -> error.text("type")).orElse("");
        String text = error instanceof Json.Text(String plain)
                ? plain
                : error.text("message").or(() -> error.text("detail")).or(() -> body.text("message")).orElse("");
        int own = error.whole("code").filter(number -> number >= 400 && number < 600).map(Long::intValue).orElse(0);
        return new Refusal(status == 0 ? own : status, code, text, headers);
    }

    /// Whether it was about a certain member of the request.
    boolean names(String member) {
        return (status == 400 || status == 422) && text.contains(member);
    }

    /// Whether it was about pictures; some providers find no place at all where such a model runs.
    boolean isAboutPictures() {
        String said = text.toLowerCase(Locale.ROOT);
        return (status == 400 || status == 404 || status == 415 || status == 422)
                && (said.contains("image") || said.contains("vision") || said.contains("multimodal"));
    }

    /// What the person is told.
    EngineException explain(Target target, Instant now) {
        String who = target.name();
        String model = "model '" + target.model().id() + "'";
        if (status == 413 || code.equals("context_length_exceeded") || saysTooLong()) {
            return told(target, Kind.CONTEXT_LENGTH, "the conversation is too long for " + model);
        } else if (status == 402 || code.equals("insufficient_quota")) {
            return told(target, Kind.RATE_LIMIT, "the account at " + who + " is used up");
        } else if (status == 429 || code.startsWith("rate_limit")) {
            String when = retryAfter(now).map(wait -> "in " + shown(wait)).orElse("later");
            return told(target, Kind.RATE_LIMIT, who + " gets too many requests; try again " + when);
        } else if (code.contains("content_filter") || code.contains("content_policy")) {
            return told(target, Kind.REFUSAL, who + " refuses to answer this");
        }
        return switch (status) {
            case 401, 403 -> told(target, Kind.UNKNOWN, who + (target.apiKey() == null
                    ? " wants an API key; set models.providers." + target.model().provider() + ".apiKey"
                            + (target.model().provider().equals(Defaults.PROVIDER) ? " or OPENAI_API_KEY" : "")
                    : " refuses the API key, or the key may not use " + model));
            case 404 -> told(target, Kind.UNKNOWN, who + " does not know " + model + ", or its baseUrl is wrong");
            case 408, 504 -> told(target, Kind.TIMEOUT, who + " took too long");
            case 0 -> told(target, Kind.UNKNOWN, who + " failed in the middle of its answer");
            default -> told(target, Kind.UNKNOWN, status / 100 == 3
                    ? who + " redirects elsewhere; set its baseUrl to where it is"
                    : who + (status >= 500 ? " failed" : " refused the request"));
        };
    }

    private boolean saysTooLong() {
        return (status == 0 || status == 400 || status == 422) && TOO_LONG.matcher(text).find();
    }

    private EngineException told(Target target, Kind kind, String what) {
        String said = Masking.mask(text, target.apiKey());
        String line = said.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        String shown = line.length() > MAX_TEXT ? line.substring(0, MAX_TEXT) + "…" : line;
        return new EngineException(kind, what + (status == 0 ? "" : " (" + status + ")")
                + (shown.isEmpty() ? "" : ": " + shown));
    }

    private Optional<Duration> retryAfter(Instant now) {
        Optional<String> given = headers.firstValue("retry-after");
        try {
            return headers.firstValue("retry-after-ms").map(ms -> Duration.ofMillis((long) Double.parseDouble(ms)))
                    .or(() -> given.map(seconds -> Duration.ofMillis((long) (Double.parseDouble(seconds) * 1000))))
                    .filter(Duration::isPositive);
        } catch (NumberFormatException e) {
            return given.flatMap(date -> until(date, now));
        }
    }

    private static Optional<Duration> until(String date, Instant now) {
        try {
            Instant then = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            return Optional.of(Duration.between(now, then)).filter(Duration::isPositive);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /// A time for people.
    static String shown(Duration time) {
        long ms = time.toMillis();
        if (ms < 1000) {
            return ms + " ms";
        }
        long seconds = (ms + 999) / 1000;
        return seconds <= 120 ? seconds + " s" : (seconds + 59) / 60 + " min";
    }
}
