package dev.chela.plugin.openai;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.chela.api.config.Secret;
import dev.chela.api.config.Settings;

import org.jspecify.annotations.Nullable;

/// Asks over HTTP; all turns share one client and its connections. Made at the first turn, for it costs a quarter of a
/// second of work that a gateway without a model never needs. Its lock guards the client.
final class Provider {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Settings<OpenAiSettings> settings;
    private final String agent;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("openai http")
            .factory());
    private @Nullable HttpClient client;
    private boolean closed;

    Provider(Settings<OpenAiSettings> settings, String version) {
        this.settings = settings;
        this.agent = "chela/" + version;
    }

    OpenAiSettings settings() {
        return settings.current();
    }

    /// Asks, and returns when the answer begins; its body is to be closed.
    ///
    /// Redirects are never followed: the key is meant for this host. A refused connection is tried a second time by the
    /// client itself, anything later is not.
    ///
    /// @throws TimeoutException if the answer does not begin in time; the request is then cancelled
    HttpResponse<Body> ask(Target target, String json, Duration patience)
            throws IOException, InterruptedException, TimeoutException {
        var request = HttpRequest.newBuilder(target.url()).header("content-type", "application/json")
                .header("accept", "text/event-stream, application/json").header("user-agent", agent)
                .version("https".equalsIgnoreCase(target.url().getScheme())
                        ? HttpClient.Version.HTTP_2
                        : HttpClient.Version.HTTP_1_1)
                .POST(HttpRequest.BodyPublishers.ofString(json));
        Secret key = target.apiKey();
        if (key != null) {
            request.header("authorization", "Bearer " + key.value());
        }
        return begin(client().sendAsync(request.build(), _ -> new Body()), patience);
    }

    private static HttpResponse<Body> begin(CompletableFuture<HttpResponse<Body>> answer, Duration patience)
            throws IOException, InterruptedException, TimeoutException {
        boolean begun = false;
        try {
            HttpResponse<Body> response = answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            begun = true;
            return response;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } finally {
            if (!begun && !answer.cancel(true)) {
                var _ = answer.thenAccept(late -> late.body().close());
            }
        }
    }

    private synchronized HttpClient client() throws IOException {
        if (closed) {
            throw new IOException("the plugin is closed");
        } else if (client == null) {
            client = HttpClient.newBuilder().executor(threads).followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(settings().connectTimeout()).build();
        }
        return client;
    }

    /// Cancels what is under way; nothing of the client outlives this.
    void close() throws InterruptedException {
        HttpClient last;
        synchronized (this) {
            closed = true;
            last = client;
            client = null;
        }
        if (last != null) {
            last.shutdownNow();
            last.awaitTermination(PATIENCE);
        }
        threads.shutdownNow();
    }
}
