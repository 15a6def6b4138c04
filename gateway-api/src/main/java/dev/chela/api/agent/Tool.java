package dev.chela.api.agent;

import java.time.Duration;
import java.util.Optional;

import dev.chela.api.json.Json;

import org.jspecify.annotations.Nullable;

/// Something an agent may call: its name, what the model is told of it, the form of its params and the code that does it.
/// Immutable.
///
/// Which agents may call it is the operator's to say.
///
/// @param <P> the params: a record they are bound to, under the rules that hold for the params of methods, or [Json]
public final class Tool<P> {

    /// How long a call may take when the tool says nothing else.
    public static final Duration DEFAULT_TIME_LIMIT = Duration.ofSeconds(60);

    /// The longest any call may take.
    public static final Duration MAX_TIME_LIMIT = Duration.ofMinutes(10);

    /// Does what the tool is for. Runs on a thread of its own, may block, is interrupted at the call's deadline and when
    /// the run that called it is aborted.
    ///
    /// @param <P> the params
    @FunctionalInterface
    public interface Handler<P> {

        /// Answers one call.
        ///
        /// @return what the model is told: a string, a [ToolResult], null for nothing, or whatever else a method may
        ///     return, which is then written as JSON
        /// @throws IllegalArgumentException if the params make no sense; the model reads the message
        /// @throws dev.chela.api.rpc.RpcException with what the model is to be told
        /// @throws Exception anything else: the model is told that the tool failed, the log gets the rest
        @Nullable
        Object call(P params, ToolCall call) throws Exception;
    }

    private final String name;
    private final String description;
    private final Class<P> params;
    private final @Nullable Json schema;
    private final Handler<P> handler;
    private final Duration timeLimit;
    private final @Nullable Origin origin;

    /// Where a tool comes from that its plugin only hands on; shown to clients.
    ///
    /// @param kind what the plugin talks to, such as [#MCP]
    /// @param place which of them
    /// @param name what the tool is called there
    public record Origin(String kind, String place, String name) {

        /// Servers of the Model Context Protocol.
        public static final String MCP = "mcp";
    }

    private Tool(Tool<P> other, Duration timeLimit, @Nullable Origin origin) {
        this.name = other.name;
        this.description = other.description;
        this.params = other.params;
        this.schema = other.schema;
        this.handler = other.handler;
        this.timeLimit = timeLimit;
        this.origin = origin;
    }

    private Tool(String name, String description, Class<P> params, @Nullable Json schema, Handler<P> handler) {
        this.name = name;
        this.description = description;
        this.params = params;
        this.schema = schema;
        this.handler = handler;
        this.timeLimit = DEFAULT_TIME_LIMIT;
        this.origin = null;
    }

    /// A tool whose params are a record. Its JSON schema is made of the record; [dev.chela.api.json.Describe] says what a
    /// component is for.
    ///
    /// @param name letters, digits, dashes and underscores, at most 64; unique in the gateway
    /// @param description tells the model what it does and when to call it
    public static <P extends Record> Tool<P> of(String name, String description, Class<P> params, Handler<P> handler) {
        return new Tool<>(name, description, params, null, handler);
    }

    /// A tool whose form is only known at run time.
    ///
    /// @param schema a JSON schema of an object. The model sees it, the gateway does not check params against it: the
    ///     handler gets whatever object the model made up
    public static Tool<Json> of(String name, String description, Json schema, Handler<Json> handler) {
        return new Tool<>(name, description, Json.class, schema, handler);
    }

    /// The same tool with another time limit.
    ///
    /// @throws IllegalArgumentException if it is not from 1 ms to [#MAX_TIME_LIMIT]
    public Tool<P> within(Duration limit) {
        if (limit.compareTo(Duration.ofMillis(1)) < 0 || limit.compareTo(MAX_TIME_LIMIT) > 0) {
            throw new IllegalArgumentException("the time limit of a tool must be from 1 ms to 10 minutes: " + limit);
        }
        return new Tool<>(this, limit, origin);
    }

    /// The same tool, marked as handed on from elsewhere.
    public Tool<P> from(Origin source) {
        return new Tool<>(this, timeLimit, source);
    }

    /// The name models call.
    public String name() {
        return name;
    }

    /// What models are told of it.
    public String description() {
        return description;
    }

    /// The record that params are bound to; [Json] if the form is given as a schema.
    public Class<P> params() {
        return params;
    }

    /// The given form; empty if it follows from a record.
    public Optional<Json> schema() {
        return Optional.ofNullable(schema);
    }

    /// The code that does it.
    public Handler<P> handler() {
        return handler;
    }

    /// How long a call may take.
    public Duration timeLimit() {
        return timeLimit;
    }

    /// Where it comes from; empty if it is the plugin's own.
    public Optional<Origin> origin() {
        return Optional.ofNullable(origin);
    }
}
