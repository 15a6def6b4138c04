package dev.chela.runtime.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import dev.chela.api.rpc.Method;
import dev.chela.runtime.access.Access;
import dev.chela.runtime.access.Access.Decision.Denied;
import dev.chela.runtime.json.BindException;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.lifecycle.Owner;
import dev.chela.runtime.protocol.Failure;
import dev.chela.runtime.protocol.FrameWriter;
import dev.chela.runtime.protocol.Incoming.Request;

import org.jspecify.annotations.Nullable;

/// Carries a request to its handler, and the outcome back.
///
/// Called by a connection's drainer, one request after the other. Core methods that are quick run right there; all
/// others go to other threads, those with a lane in order of arrival. Code of plugins runs on threads of plugins only,
/// the binding of their params included.
public final class Dispatcher {

    private static final Failure BUSY = Failure.retryable("too many calls of this plugin are waiting", 250);
    /// How many of a connection's calls may wait for the disk at once.
    private static final int SHARE = 8;
    private static final Failure DRAINING = Failure.retryable("the gateway is stopping", 1000);

    private final CoreThreads threads;
    private final InstantSource clock;
    private final int maxResponse;
    private final Lanes lanes = new Lanes(1);
    /// Of the threads that wait for the disk one connection gets a part only: its slow calls are its own problem.
    private final Lanes shares = new Lanes(SHARE);
    private final Set<RpcCall> guarded = ConcurrentHashMap.newKeySet();
    private volatile Methods methods = new Methods(List.of());
    private volatile boolean draining;

    /// A dispatcher without methods.
    ///
    /// @param maxResponse the largest response frame in bytes
    public Dispatcher(CoreThreads threads, InstantSource clock, int maxResponse) {
        this.threads = threads;
        this.clock = clock;
        this.maxResponse = maxResponse;
        threads.every(Duration.ofMillis(500), this::expireCalls);
    }

    /// Replaces all methods; calls that are under way stay with those they began with.
    public void replace(Methods replacement) {
        methods = replacement;
    }

    /// The methods that can be called now.
    public Methods methods() {
        return methods;
    }

    /// Answers every new call with a retryable refusal from now on.
    public void drain() {
        draining = true;
    }

    /// Answers a request, now or later.
    public void dispatch(Request request, Line line) {
        Optional<Methods.Entry> found = enter(request.method());
        if (found.isEmpty()) {
            answerUnknown(request, line);
            return;
        }
        Methods.Entry entry = found.get();
        boolean handedOn = false;
        try {
            if (draining) {
                line.respond(FrameWriter.failure(request.id(), DRAINING));
            } else if (mayTry(entry, request, line)) {
                handedOn = true;
                start(entry, request, line);
            }
        } finally {
            if (!handedOn) {
                entry.owner().leave();
            }
        }
    }

    /// A generation may retire between the look-up and the entering; its successor is in the registry then.
    private Optional<Methods.Entry> enter(String name) {
        while (true) {
            Optional<Methods.Entry> entry = methods.find(name);
            if (entry.isEmpty() || entry.get().owner().enter()) {
                return entry;
            }
        }
    }

    private static void answerUnknown(Request request, Line line) {
        Denied denied = Access.unknown(line.caller(), request.method(), line.dialect());
        byte[] frame = FrameWriter.failure(request.id(), denied.failure());
        if (denied.wrongRole()) {
            line.refuse(frame);
        } else {
            line.respond(frame);
        }
    }

    /// Decides what can be decided without the params.
    private static boolean mayTry(Methods.Entry entry, Request request, Line line) {
        if (entry.isForAll()) {
            return true;
        }
        if (Access.byRole(line.caller(), entry.method().role()) instanceof Denied(Failure failure, boolean _)) {
            line.refuse(FrameWriter.failure(request.id(), failure));
            return false;
        }
        Optional<Failure> denied = entry.method().fixedScope()
                .map(scope -> Access.byScope(line.caller(), scope, line.dialect()))
                .flatMap(Dispatcher::failureOf);
        denied.ifPresent(failure -> line.respond(FrameWriter.failure(request.id(), failure)));
        return denied.isEmpty();
    }

    private static Optional<Failure> failureOf(Access.Decision decision) {
        return decision instanceof Denied(Failure failure, boolean _) ? Optional.of(failure) : Optional.empty();
    }

    private void start(Methods.Entry entry, Request request, Line line) {
        var call = new RpcCall(line, request.id(), entry, clock.instant().plus(entry.method().timeLimit()),
                maxResponse);
        var task = new Task<>(entry.method(), request, call, entry);
        if (entry.core() != null && entry.core().execution() == CoreMethod.Execution.QUICK) {
            task.bindAndRun();
            entry.owner().leave();
            return;
        }
        line.began(task.size());
        if (entry.core() != null) {
            startOnWorker(task);
        } else {
            startOnOwner(task);
        }
    }

    private void startOnWorker(Task<?> task) {
        if (!task.method.hasLane()) {
            if (!work(task, () -> task.ending(task::bindAndRun))) {
                task.refuse();
            }
        } else if (task.bind()) {
            takeLane(task, work -> work(task, work));
        } else {
            task.end();
        }
    }

    private boolean work(Task<?> task, Runnable work) {
        return shares.offer(task.call.line().id(), new Lanes.Job(job -> {
            threads.workers().execute(job);
            return true;
        }, work, task::refuse));
    }

    private void startOnOwner(Task<?> task) {
        Owner owner = task.entry.owner();
        guarded.add(task.call);
        if (!task.method.hasLane()) {
            if (!runOn(owner, task.method, () -> task.ending(task::bindAndRun))) {
                task.refuse();
            }
            return;
        }
        // The lane's key is the plugin's to compute, so tickets are taken on its threads, but in order of arrival.
        lanes.run(task.call.line().id() + " " + task.method.name(), new Lanes.Job(owner::runShort, () -> {
            if (task.bind()) {
                takeLane(task, work -> runOn(owner, task.method, work));
            } else {
                task.end();
            }
        }, task::refuse));
    }

    private void takeLane(Task<?> task, Predicate<Runnable> starter) {
        if (task.lane.isEmpty()) {
            if (!starter.test(() -> task.ending(task::run))) {
                task.refuse();
            }
            return;
        }
        lanes.run(task.entry.owner().id() + " " + task.lane,
                new Lanes.Job(starter, () -> task.ending(task::run), task::refuse));
    }

    private static boolean runOn(Owner owner, Method<?> method, Runnable work) {
        return method.waits() ? owner.runWaiting(work) : owner.runShort(work);
    }

    private void expireCalls() {
        Instant now = clock.instant();
        List<RpcCall> late = guarded.stream().filter(call -> now.isAfter(call.deadline())).toList();
        late.forEach(RpcCall::expire);
        late.forEach(guarded::remove);
    }

    /// A call together with what is needed to run it.
    private final class Task<P extends Record> {

        private final Method<P> method;
        private final Request request;
        private final RpcCall call;
        private final Methods.Entry entry;
        private @Nullable P params;
        private String lane = "";

        Task(Method<P> method, Request request, RpcCall call, Methods.Entry entry) {
            this.method = method;
            this.request = request;
            this.call = call;
            this.entry = entry;
        }

        int size() {
            return request.params().bytes().length;
        }

        void bindAndRun() {
            if (bind()) {
                run();
            }
        }

        /// @return false if the call is answered already
        boolean bind() {
            try {
                P bound = entry.codec().bind(request.params(), method.params());
                Line line = call.line();
                Optional<Failure> denied = method.fixedScope().isPresent() || entry.isForAll()
                        ? Optional.empty()
                        : failureOf(Access.byScope(line.caller(), method.scope(bound), line.dialect()));
                denied.ifPresent(call::fail);
                params = bound;
                lane = denied.isEmpty() && method.hasLane() ? method.lane(bound).orElse("") : "";
                return denied.isEmpty();
            } catch (BindException e) {
                call.fail(Failure.invalid("invalid " + method.name() + " params: " + e.forClient()));
            } catch (Throwable e) {
                call.fail(e);
            }
            return false;
        }

        void run() {
            call.runsOn(Thread.currentThread());
            if (call.isAnswered()) {
                call.runsOn(null); // it waited for too long
                return;
            }
            try {
                if (method.waits()) {
                    entry.owner().awaitQuiet();
                }
                Object payload = method.handler().call(bound(), call);
                if (!call.isLater()) {
                    call.succeed(payload);
                }
            } catch (Throwable e) { // a class that is missing or a stack that is too deep must not leave the caller waiting
                call.fail(e);
            } finally {
                call.runsOn(null);
            }
        }

        private P bound() {
            return Objects.requireNonNull(params);
        }

        void ending(Runnable work) {
            try {
                work.run();
            } finally {
                end();
            }
        }

        void refuse() {
            call.fail(BUSY);
            end();
        }

        void end() {
            guarded.remove(call);
            entry.owner().leave();
            call.line().ended(size());
        }
    }
}
