package dev.chela.runtime.dispatch;

import java.util.function.Function;

import dev.chela.api.rpc.Method;
import dev.chela.api.rpc.Scope;

import org.jspecify.annotations.Nullable;

/// A method of the gateway itself.
///
/// @param method as a plugin would declare it
/// @param execution where it runs
/// @param forAll whether every authenticated connection may call it, whatever its role and scopes
public record CoreMethod(Method<?> method, Execution execution, boolean forAll) {

    /// Where a method of the core runs.
    public enum Execution {
        /// At once, in the order of the connection's requests: only what touches neither disk nor a lock held elsewhere.
        QUICK,
        /// On a thread that may wait for the disk, in its lane if it has one.
        WORKER
    }

    /// Answers a call; unlike a plugin's handler it sees the connection.
    ///
    /// @param <P> the params
    @FunctionalInterface
    public interface Handler<P extends Record> {

        /// Returns the payload, unless the call is answered later.
        @Nullable
        Object call(P params, RpcCall call) throws Exception;
    }

    /// A quick method.
    public static <P extends Record> CoreMethod quick(String name, Scope scope, Class<P> params, Handler<P> handler) {
        return new CoreMethod(Method.of(name, scope, params, plain(handler)), Execution.QUICK, false);
    }

    /// A method that may wait for the disk.
    public static <P extends Record> CoreMethod worker(String name, Scope scope, Class<P> params, Handler<P> handler) {
        return new CoreMethod(Method.of(name, scope, params, plain(handler)), Execution.WORKER, false);
    }

    /// A method that may wait for the disk; calls with one key run one after the other, in order of arrival.
    public static <P extends Record> CoreMethod inLane(String name, Scope scope, Class<P> params,
            Lane<P> lane) {
        return new CoreMethod(Method.of(name, scope, params, plain(lane.handler())).inLane(lane.key()),
                Execution.WORKER, false);
    }

    /// A method that may wait for the disk and whose scope depends on the params; calls with one key run one after the
    /// other, in order of arrival.
    public static <P extends Record> CoreMethod inLane(String name, Function<P, Scope> scope, Class<P> params,
            Lane<P> lane) {
        return new CoreMethod(Method.of(name, scope, params, plain(lane.handler())).inLane(lane.key()),
                Execution.WORKER, false);
    }

    /// A handler and the lane it takes.
    ///
    /// @param <P> the params
    public record Lane<P extends Record>(Function<P, String> key, Handler<P> handler) {}

    /// The same method for every authenticated connection.
    public CoreMethod forEverybody() {
        return new CoreMethod(method, execution, true);
    }

    private static <P extends Record> Method.Handler<P> plain(Handler<P> handler) {
        return (params, call) -> handler.call(params, (RpcCall) call);
    }
}
