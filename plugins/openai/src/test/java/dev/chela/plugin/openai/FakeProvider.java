package dev.chela.plugin.openai;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.testing.TestGateway;

/// A provider on a socket that does what a test tells it, the broken things too.
final class FakeProvider implements AutoCloseable {

    private static final Pattern LENGTH = Pattern.compile("content-length: (\\d+)");

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Script script = Reply::close;

    /// What is done about a request.
    interface Script {

        void play(Reply reply) throws IOException, InterruptedException;
    }

    /// A request.
    ///
    /// @param head its lines, lower case but for the values
    record Asked(String head, Json body) {

        String header(String name) {
            return head.lines().filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ": ")).findFirst()
                    .map(line -> line.substring(name.length() + 2)).orElse("");
        }
    }

    FakeProvider() throws IOException {
        threads.execute(this::accept);
    }

    String baseUrl() {
        return "http://127.0.0.1:" + server.getLocalPort() + "/v1";
    }

    /// Sets what is done about the next requests.
    FakeProvider does(Script what) {
        script = what;
        return this;
    }

    /// Sets the status and body of the next answers.
    FakeProvider answers(int status, String type, String body, String... headers) {
        return does(reply -> reply.whole(status, type, body, headers));
    }

    /// Streams these events and a mark of the end.
    FakeProvider streams(String... events) {
        return does(stream(events));
    }

    /// Does one thing after the other, request by request; the last one again and again.
    FakeProvider inTurn(Script... scripts) {
        var turn = new AtomicInteger();
        return does(reply -> scripts[Math.min(turn.getAndIncrement(), scripts.length - 1)].play(reply));
    }

    /// Streams these events and a mark of the end, once.
    static Script stream(String... events) {
        return reply -> {
            reply.stream();
            for (String event : events) {
                reply.event(event);
            }
            reply.event("[DONE]").end();
        };
    }

    /// A chunk with a piece of a tool's call.
    ///
    /// @param head its id and name; empty if another piece had them
    static String call(int index, String head, String arguments) {
        String piece = new JsonCodec().write(arguments);
        int blank = head.indexOf(' ');
        String known = head.isEmpty()
                ? ""
                : "\"id\":\"" + head.substring(0, blank) + "\",\"type\":\"function\",";
        String name = head.isEmpty() ? "" : "\"name\":\"" + head.substring(blank + 1) + "\",";
        return "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":" + index + "," + known
                + "\"function\":{" + name + "\"arguments\":" + piece + "}}]}}]}";
    }

    /// A chunk with text.
    static String text(String text) {
        return "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}]}";
    }

    /// A chunk with the reason of the end.
    static String finish(String reason) {
        return "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]}";
    }

    /// The next request that came.
    Asked asked() throws InterruptedException {
        Asked next = asked.poll(TestGateway.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        if (next == null) {
            throw new AssertionError("the provider was not asked");
        }
        return next;
    }

    /// How many requests came that no test has taken.
    int further() {
        return asked.size();
    }

    int connections() {
        return connections.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                connections.incrementAndGet();
                threads.execute(() -> serve(socket));
            }
        } catch (IOException e) {
            // the test is over
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = socket.getInputStream();
            boolean open = true;
            while (open) {
                String head = head(in);
                if (head.isEmpty()) {
                    return;
                }
                Matcher length = LENGTH.matcher(head.toLowerCase(Locale.ROOT));
                byte[] body = in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
                asked.add(new Asked(head, JsonCodec.read(JsonText.of(body))));
                var reply = new Reply(socket);
                script.play(reply);
                open = reply.whole;
            }
        } catch (IOException e) {
            // the other side has closed it, which many tests want
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String head(InputStream in) throws IOException {
        var head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return "";
            }
            head.write(b);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    /// One answer on its connection.
    static final class Reply {

        private final Socket socket;
        private final OutputStream out;
        private boolean whole;

        Reply(Socket socket) throws IOException {
            this.socket = socket;
            this.out = socket.getOutputStream();
        }

        /// Sends bytes as they are.
        Reply raw(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
            return this;
        }

        /// Begins an event stream.
        Reply stream() throws IOException {
            return raw("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
        }

        /// Sends bytes as one chunk of the body.
        Reply chunk(byte... bytes) throws IOException {
            out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(bytes);
            return raw("\r\n");
        }

        /// Sends text as one chunk of the body.
        Reply chunk(String text) throws IOException {
            return chunk(text.getBytes(StandardCharsets.UTF_8));
        }

        /// Sends an event.
        Reply event(String data) throws IOException {
            return chunk("data: " + data + "\n\n");
        }

        /// Ends the body; the connection goes on.
        Reply end() throws IOException {
            whole = true;
            return raw("0\r\n\r\n");
        }

        /// Sends an answer with its length.
        Reply whole(int status, String type, String body, String... headers) throws IOException {
            whole = true;
            String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
            return raw("HTTP/1.1 " + status + " X\r\ncontent-type: " + type + "\r\ncontent-length: "
                    + body.getBytes(StandardCharsets.UTF_8).length + "\r\n" + more + "\r\n" + body);
        }

        /// Counts down when the other side has closed the connection.
        void awaitClose(CountDownLatch closed) {
            try {
                while (socket.getInputStream().read() >= 0) {
                    // nothing more is expected
                }
            } catch (IOException e) {
                // that is a close, too
            }
            closed.countDown();
        }

        /// Closes the connection.
        void close() throws IOException {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }
}
