package dev.chela.plugin.mcp;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/// Another client, but an answer with a status that the SDK has no words for fails as what it is.
final class GuardedHttp extends HttpClient {

    private static final String SESSION = "mcp-session-id";

    private final HttpClient client;

    GuardedHttp(HttpClient client) {
        this.client = client;
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
        return client.sendAsync(request, guarded(request, handler));
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler,
            PushPromiseHandler<T> pushed) {
        return client.sendAsync(request, guarded(request, handler), pushed);
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return client.send(request, guarded(request, handler));
    }

    private static <T> BodyHandler<T> guarded(HttpRequest request, BodyHandler<T> handler) {
        return info -> isForSdk(request, info.statusCode())
                ? handler.apply(info)
                : new Refusing<>(info.statusCode());
    }

    /// A session that a server has forgotten is begun anew by the SDK, and a server need not have a stream of news.
    private static boolean isForSdk(HttpRequest request, int status) {
        boolean inSession = request.headers().firstValue(SESSION).isPresent();
        return status < 300 || (inSession && (status == 400 || status == 404))
                || (status == 405 && request.method().equals("GET"));
    }

    /// Reads nothing of the body.
    private static final class Refusing<T> implements BodySubscriber<T> {

        private final int status;

        Refusing(int status) {
            this.status = status;
        }

        @Override
        public CompletionStage<T> getBody() {
            return CompletableFuture.failedFuture(new HttpRefusal(status));
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.cancel();
        }

        @Override
        public void onNext(List<ByteBuffer> item) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onComplete() {}
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return client.cookieHandler();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return client.connectTimeout();
    }

    @Override
    public Redirect followRedirects() {
        return client.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return client.proxy();
    }

    @Override
    public SSLContext sslContext() {
        return client.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        return client.sslParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return client.authenticator();
    }

    @Override
    public Version version() {
        return client.version();
    }

    @Override
    public Optional<Executor> executor() {
        return client.executor();
    }
}
