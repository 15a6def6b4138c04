package dev.chela.runtime.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http.HttpOpenListener;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/// The gateway's port: bound first, so that a busy one is known at once, and answering later. In between, clients wait
/// in the backlog instead of being refused.
public final class Port implements AutoCloseable {

    private static final int BACKLOG = 1024;
    private static final int BUFFER = 16 * 1024;

    private final XnioWorker worker;
    private final ByteBufferPool buffers = new DefaultByteBufferPool(true, BUFFER, 512, 4, 0);
    private final HttpOpenListener listener;
    private final List<AcceptingChannel<? extends StreamConnection>> channels = new ArrayList<>();
    private final int number;

    private Port(XnioWorker worker, List<InetAddress> addresses, int number) throws IOException {
        this.worker = worker;
        this.listener = new HttpOpenListener(buffers, httpOptions());
        ChannelListener<AcceptingChannel<StreamConnection>> accept = ChannelListeners.openListenerAdapter(listener);
        int actual = number;
        for (InetAddress address : addresses) {
            var where = new InetSocketAddress(address, actual);
            try {
                channels.add(worker.createStreamConnectionServer(where, accept, socketOptions()));
            } catch (IOException e) {
                if (channels.isEmpty() || exists(address)) {
                    throw e;
                }
                continue; // the second loopback address does not exist on every machine
            }
            actual = ((InetSocketAddress) channels.getFirst().getLocalAddress()).getPort();
        }
        this.number = actual;
    }

    private static boolean exists(InetAddress address) {
        try (var _ = new ServerSocket(0, 1, address)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// Binds the port on all addresses; nothing is accepted yet.
    ///
    /// @param number 0 takes any free one
    /// @throws IOException if the first address cannot be bound, or the port is taken on another
    public static Port bind(List<InetAddress> addresses, int number) throws IOException {
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);
        // Handlers never run on the worker's own pool; giving it one keeps XNIO from starting threads.
        ExecutorService none = Executors.newVirtualThreadPerTaskExecutor();
        XnioWorker worker = Xnio.getInstance(Port.class.getClassLoader()).createWorkerBuilder()
                .setExternalExecutorService(none).setWorkerIoThreads(threads).setWorkerName("chela")
                .populateFromOptions(OptionMap.create(Options.TCP_NODELAY, true, Options.WORKER_IO_THREADS, threads))
                .build();
        try {
            return new Port(worker, addresses, number);
        } catch (IOException | RuntimeException e) {
            worker.shutdownNow();
            throw e;
        }
    }

    private static OptionMap httpOptions() {
        return OptionMap.builder().set(UndertowOptions.BUFFER_PIPELINED_DATA, true)
                .set(UndertowOptions.NO_REQUEST_TIMEOUT, 15_000).set(UndertowOptions.REQUEST_PARSE_TIMEOUT, 5_000)
                .set(UndertowOptions.MAX_HEADER_SIZE, 16 * 1024).set(UndertowOptions.MAX_HEADERS, 100)
                .set(UndertowOptions.MAX_PARAMETERS, 100).set(UndertowOptions.DECODE_URL, false)
                .set(UndertowOptions.ENABLE_HTTP2, false).getMap();
    }

    private static OptionMap socketOptions() {
        return OptionMap.builder().set(Options.TCP_NODELAY, true).set(Options.REUSE_ADDRESSES, true)
                .set(Options.BACKLOG, BACKLOG).set(Options.BALANCING_TOKENS, 1).set(Options.BALANCING_CONNECTIONS, 2)
                .getMap();
    }

    /// Answers from now on.
    public void open(Door door) {
        listener.setRootHandler(door.handler());
        channels.forEach(AcceptingChannel::resumeAccepts);
    }

    /// What answers at the port.
    public interface Door {

        /// The handler of every request.
        HttpHandler handler();
    }

    /// The port's number.
    public int number() {
        return number;
    }

    /// Accepts nobody any more; who is in stays in.
    public void shut() {
        channels.forEach(IoUtils::safeClose);
    }

    @Override
    public void close() {
        shut();
        listener.closeConnections();
        worker.shutdown();
        try {
            if (!worker.awaitTermination(500, TimeUnit.MILLISECONDS)) {
                worker.shutdownNow();
                boolean _ = worker.awaitTermination(1, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        buffers.close();
    }
}
