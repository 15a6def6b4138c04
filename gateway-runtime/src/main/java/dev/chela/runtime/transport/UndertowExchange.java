package dev.chela.runtime.transport;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.chela.api.http.Exchange;
import dev.chela.api.rpc.Caller;
import dev.chela.runtime.http.Handling;

import io.undertow.io.IoCallback;
import io.undertow.io.Sender;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

/// A request and its answer for a plugin's route. The plugin's thread waits for the socket's thread, never in it: a
/// slow client must not hold a carrier.
final class UndertowExchange implements Exchange {

    private static final System.Logger LOG = System.getLogger("http");
    private static final String BUSY = "too many requests of this plugin are waiting";
    private static final long BODY_SECONDS = 30;
    private static final long WRITE_SECONDS = 60;

    private final HttpServerExchange exchange;
    private final Handling.Run run;
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile @Nullable Thread thread;
    private volatile boolean expired;

    private UndertowExchange(HttpServerExchange exchange, Handling.Run run) {
        this.exchange = exchange;
        this.run = run;
    }

    /// Lets the route answer on a thread of its owner, and leaves the owner afterwards.
    static void run(HttpServerExchange exchange, Handling.Run run) {
        var own = new UndertowExchange(exchange, run);
        exchange.dispatch(work -> {
            boolean taken = run.route().waits() ? run.owner().runWaiting(work) : run.owner().runShort(work);
            if (!taken) {
                run.owner().leave();
                own.end(503, BUSY);
            }
        }, own::handle);
        XnioExecutor.Key expiry = exchange.getIoThread().executeAfter(own::expire, run.route().timeLimit().toMillis(),
                TimeUnit.MILLISECONDS);
        exchange.addExchangeCompleteListener((_, next) -> {
            expiry.remove();
            next.proceed();
        });
    }

    /// A route that has not answered by now is told to stop, and the client not to wait any longer.
    private void expire() {
        expired = true;
        end(503, "took too long"); // before the route hears of it and ends with an error of its own
        Thread runs = thread;
        if (runs != null) {
            runs.interrupt();
        }
    }

    private void handle() {
        thread = Thread.currentThread();
        try {
            if (run.route().waits()) {
                run.owner().awaitQuiet();
            }
            if (!expired) {
                run.route().handler().handle(this);
            }
            if (answered.compareAndSet(false, true)) {
                exchange.setStatusCode(204);
                exchange.endExchange();
            }
        } catch (TooLarge e) {
            end(413, "Payload Too Large");
        } catch (Busy e) {
            end(503, BUSY);
        } catch (Throwable e) {
            LOG.log(Level.ERROR, "route " + run.route().path() + " of plugin '" + run.owner().id() + "' failed", e);
            end(500, "Internal Server Error");
        } finally {
            thread = null;
            run.owner().leave();
            if (expired) {
                LOG.log(Level.WARNING, "route " + run.route().path() + " of plugin '" + run.owner().id()
                        + "' took longer than " + run.route().timeLimit().toMillis() + " ms");
            }
        }
    }

    private void end(int status, String text) {
        if (answered.compareAndSet(false, true)) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.setPersistent(status != 413 && exchange.isPersistent());
            Entrance.answer(exchange, new Handling.Answer(status,
                    Map.of("Content-Type", "text/plain; charset=utf-8"), body));
        } else {
            IoUtils.safeClose(exchange.getConnection());
        }
    }

    @Override
    public String method() {
        return exchange.getRequestMethod().toString();
    }

    @Override
    public String path() {
        return run.path();
    }

    @Override
    public Optional<String> query(String name) {
        return Optional.ofNullable(exchange.getQueryParameters().get(name)).map(Deque::peekFirst)
                .map(UndertowExchange::decode);
    }

    private static String decode(String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value; // a stray percent sign stands for itself
        }
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    @Override
    public Optional<Caller> caller() {
        return Optional.ofNullable(run.caller());
    }

    /// More came than the route takes.
    private static final class TooLarge extends IOException {

        private static final long serialVersionUID = 1L;

        TooLarge(long limit) {
            super("the body is larger than " + limit + " bytes");
        }
    }

    /// Too many wait already.
    private static final class Busy extends IOException {

        private static final long serialVersionUID = 1L;

        Busy() {
            super(BUSY);
        }
    }

    @Override
    public InputStream body() throws IOException {
        long limit = run.route().maxBody();
        if (exchange.getRequestContentLength() > limit) {
            throw new TooLarge(limit);
        }
        exchange.setMaxEntitySize(Math.max(1, limit));
        var whole = new CompletableFuture<byte[]>();
        exchange.getConnection().getIoThread().execute(() -> exchange.getRequestReceiver().receiveFullBytes(
                (_, bytes) -> whole.complete(bytes), (_, e) -> whole.completeExceptionally(e)));
        byte[] bytes = outside(whole, BODY_SECONDS);
        if (bytes.length > limit) {
            throw new TooLarge(limit);
        }
        return new ByteArrayInputStream(bytes);
    }

    /// Waits for the client without keeping others of the plugin from working.
    private <T> T outside(CompletableFuture<T> future, long seconds) throws IOException {
        if (future.isDone() || run.route().waits()) {
            return await(future, seconds);
        } else if (!run.owner().pause()) {
            throw new Busy();
        }
        try {
            return await(future, seconds);
        } finally {
            run.owner().resume();
        }
    }

    private static <T> T await(CompletableFuture<T> future, long seconds) throws IOException {
        try {
            return future.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the client is too slow: nothing for " + seconds + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var interrupted = new InterruptedIOException("interrupted");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    @Override
    public void respond(int status, String contentType, byte[] body) {
        begin();
        Entrance.answer(exchange, new Handling.Answer(status, Map.of("Content-Type", contentType), body));
    }

    private void begin() {
        if (!answered.compareAndSet(false, true)) {
            throw new IllegalStateException("this request has its answer already");
        }
    }

    @Override
    public OutputStream stream(int status, Map<String, String> headers) {
        begin();
        exchange.setStatusCode(status);
        headers.forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
        exchange.getResponseHeaders().remove(Headers.CONTENT_LENGTH);
        return new Body();
    }

    /// Collects what is written and sends it at each flush, waiting until the socket has taken it.
    private final class Body extends OutputStream {

        private static final int CHUNK = 8192;

        private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
        private boolean closed;

        @Override
        public void write(int b) throws IOException {
            write(new byte[]{(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            pending.write(bytes, from, length);
            if (pending.size() >= CHUNK) {
                flush();
            }
        }

        @Override
        public void flush() throws IOException {
            if (pending.size() == 0) {
                return;
            }
            var sent = new CompletableFuture<Boolean>();
            exchange.getResponseSender().send(ByteBuffer.wrap(pending.toByteArray()), new IoCallback() {
                @Override
                public void onComplete(HttpServerExchange done, Sender sender) {
                    sent.complete(true);
                }

                @Override
                public void onException(HttpServerExchange failed, Sender sender, IOException e) {
                    sent.completeExceptionally(e);
                }
            });
            pending.reset();
            outside(sent, WRITE_SECONDS);
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                flush();
                exchange.endExchange();
            }
        }
    }
}
