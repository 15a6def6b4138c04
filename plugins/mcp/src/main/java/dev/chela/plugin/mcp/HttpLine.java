package dev.chela.plugin.mcp;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import dev.chela.api.PluginContext;
import dev.chela.api.config.Secret;

import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpClientTransport;

/// A server that is reached by streamable HTTP. The SDK's transport, with headers, limits and plain words for refusals.
final class HttpLine implements Line {

    private static final Duration GOODBYE = Duration.ofMillis(1500);

    private final McpClientTransport transport;
    private final HttpClient client;
    private final ExecutorService threads;
    private final CompletableFuture<String> gone = new CompletableFuture<>();

    private HttpLine(McpClientTransport transport, HttpClient client, ExecutorService threads) {
        this.transport = transport;
        this.client = client;
        this.threads = threads;
    }

    static HttpLine open(String name, ServerSettings settings, PluginContext context) {
        URI url = URI.create(Objects.requireNonNull(settings.url()));
        var threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("mcp " + name + " http").factory());
        HttpClient real = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(threads)
                .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(settings.connectLimit()).build();
        HttpClient guarded = new GuardedHttp(real);
        HttpRequest.Builder request = HttpRequest.newBuilder().header("user-agent", "chela/" + context.version());
        Map<String, Secret> headers = settings.headers() == null ? Map.of() : settings.headers();
        headers.forEach((header, value) -> request.setHeader(header, value.value()));
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        var transport = HttpClientStreamableHttpTransport.builder(url.getScheme() + "://" + url.getRawAuthority())
                .endpoint(url.getRawQuery() == null ? path : path + "?" + url.getRawQuery())
                .clientBuilder(giving(guarded)).requestBuilder(request).jsonMapper(new SchemaJson(context.json()))
                .maxResponseSize(StdioLine.MAX_MESSAGE).build();
        return new HttpLine(transport, real, threads);
    }

    /// The SDK takes no client, only what makes one.
    private static HttpClient.Builder giving(HttpClient client) {
        return (HttpClient.Builder) Proxy.newProxyInstance(HttpLine.class.getClassLoader(),
                new Class<?>[]{HttpClient.Builder.class},
                (proxy, method, _) -> method.getName().equals("build") ? client : proxy);
    }

    @Override
    public McpClientTransport transport() {
        return transport;
    }

    @Override
    public CompletableFuture<String> gone() {
        return gone;
    }

    /// The SDK's goodbye is on its way by now.
    @Override
    public void close() {
        client.shutdown();
        try {
            if (!client.awaitTermination(GOODBYE)) {
                client.shutdownNow();
            }
            threads.shutdownNow();
            var _ = threads.awaitTermination(GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            client.shutdownNow();
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
