package dev.chela.runtime.bench;

import java.util.concurrent.CompletableFuture;

/// How large a server's answers are.
///
/// @param hello bytes of the whole hello-ok frame
/// @param reply bytes of the whole response to one call
public record Shape(int hello, int reply) {

    /// What is taken when nothing is known.
    public static final Shape USUAL = new Shape(8192, 160);

    /// Looks at one handshake and, if a method is named, at one call.
    static Shape of(Subject subject, String method, String params) throws BenchException, InterruptedException {
        CompletableFuture<Shape> shape = new CompletableFuture<>();
        try (var loop = new Loop()) {
            var keys = new Peer.Keys(subject.credentials());
            loop.execute(() -> Peer.open(loop, subject, keys, new Peer.User() {

                @Override
                public void ready(Peer peer) {
                    if (method.isEmpty()) {
                        shape.complete(new Shape(peer.helloBytes(), USUAL.reply()));
                    } else {
                        peer.call(1, Peer.rest(method, params));
                    }
                }

                @Override
                public void reply(Peer peer, long id, boolean ok, byte[] bytes, int from, int to) {
                    if (ok) {
                        shape.complete(new Shape(peer.helloBytes(), to - from));
                    } else {
                        loop.fail(method + " fails: " + Peer.error(bytes, from, to));
                    }
                }
            }));
            return loop.await(shape, Loop.PATIENCE, subject.uri() + " did not answer in time");
        }
    }
}
