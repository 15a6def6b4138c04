package dev.chela.plugin.mcp;

import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// Stands between the SDK and a transport: keeps from the SDK the notifications that make it list everything a server has,
/// without end if that is how the server is, and knows the ids of calls, so that one can be cancelled.
final class Tap implements McpClientTransport {

    private static final Duration SEND = Duration.ofSeconds(5);

    private final McpClientTransport transport;
    private final Told told;
    private final Map<CallToolRequest, Object> ids = Collections.synchronizedMap(new IdentityHashMap<>());
    private volatile Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> receiver = message -> message;

    /// What its owner wants to know.
    ///
    /// @param toolsChanged the server has other tools now
    /// @param suspect something failed outside of a call
    record Told(Runnable toolsChanged, Runnable suspect) {}

    Tap(McpClientTransport transport, Told told) {
        this.transport = transport;
        this.told = told;
    }

    @Override
    public Mono<Void> connect(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler) {
        receiver = handler;
        return transport.connect(incoming -> incoming.flatMap(this::received));
    }

    private Mono<JSONRPCMessage> received(JSONRPCMessage message) {
        if (message instanceof JSONRPCNotification notification) {
            if (notification.method().equals(McpSchema.METHOD_NOTIFICATION_TOOLS_LIST_CHANGED)) {
                told.toolsChanged().run();
            }
            return Mono.empty();
        }
        return receiver.apply(Mono.just(message));
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message) {
        if (message instanceof JSONRPCRequest request && request.params() instanceof CallToolRequest call) {
            ids.put(call, request.id());
        }
        return transport.sendMessage(message);
    }

    /// Forgets a call that has ended.
    void ended(CallToolRequest call) {
        ids.remove(call);
    }

    /// Tells the server that nobody waits for a call any more, and the SDK, too.
    ///
    /// @param version of the protocol that was agreed on
    void cancel(CallToolRequest call, String version) {
        @Nullable
        Object id = ids.remove(call);
        if (id == null) {
            return;
        }
        var notification = new JSONRPCNotification("notifications/cancelled",
                Map.of("requestId", id, "reason", "nobody waits for it any more"));
        transport.sendMessage(notification).timeout(SEND)
                .contextWrite(context -> context.put(McpAsyncClient.NEGOTIATED_PROTOCOL_VERSION, version))
                .subscribe(_ -> {}, _ -> told.suspect().run());
        var answer = JSONRPCResponse.error(id, new JSONRPCResponse.JSONRPCError(McpSchema.ErrorCodes.INTERNAL_ERROR,
                "cancelled", null));
        receiver.apply(Mono.just(answer)).subscribe(_ -> {}, _ -> {});
    }

    @Override
    public void setExceptionHandler(Consumer<Throwable> handler) {
        transport.setExceptionHandler(failure -> {
            told.suspect().run();
            handler.accept(failure);
        });
    }

    @Override
    public Mono<Void> closeGracefully() {
        return transport.closeGracefully();
    }

    @Override
    public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
        return transport.unmarshalFrom(data, type);
    }

    @Override
    public List<String> protocolVersions() {
        return transport.protocolVersions();
    }
}
