package dev.chela.runtime.testing;

import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.chela.api.rpc.Caller;
import dev.chela.api.rpc.Role;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.dispatch.Line;
import dev.chela.runtime.event.News;
import dev.chela.runtime.event.Subscriber;
import dev.chela.runtime.protocol.Dialect;

/// A connection without a socket, of somebody who may do everything; its answers are kept.
public record KeptLine(String id, BlockingQueue<String> answers, Queue<Runnable> partings)
        implements
            Line,
            Subscriber {

    /// One with that id.
    public static KeptLine named(String id) {
        return new KeptLine(id, new LinkedBlockingQueue<>(), new ConcurrentLinkedQueue<>());
    }

    /// Waits for an answer.
    public String answer() throws InterruptedException {
        String answer = answers.poll(TestGateway.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (answer == null) {
            throw new AssertionError("no answer came");
        }
        return answer;
    }

    /// The socket is gone.
    public void go() {
        partings.forEach(Runnable::run);
    }

    @Override
    public Caller caller() {
        return new Caller(id, Role.OPERATOR, Set.of(Scope.ADMIN), "test");
    }

    @Override
    public Dialect dialect() {
        return Dialect.V4;
    }

    @Override
    public Set<String> caps() {
        return Set.of();
    }

    @Override
    public Subscriber subscriber() {
        return this;
    }

    @Override
    public Runnable whenGone(Runnable action) {
        partings.add(action);
        return () -> partings.remove(action);
    }

    @Override
    public void respond(byte[] frame) {
        answers.add(new String(frame, StandardCharsets.UTF_8));
    }

    @Override
    public void refuse(byte[] frame) {
        respond(frame);
    }

    @Override
    public void began(int bytes) {}

    @Override
    public void ended(int bytes) {}

    @Override
    public boolean wants(News news) {
        return false;
    }

    @Override
    public void deliver(News news) {}

    @Override
    public boolean subscribe(News.Topic topic) {
        return false;
    }

    @Override
    public boolean follows(News.Topic topic) {
        return false;
    }

    @Override
    public void unsubscribe(News.Topic topic) {}
}
