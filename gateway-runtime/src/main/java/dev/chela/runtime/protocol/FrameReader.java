package dev.chela.runtime.protocol;

import java.util.LinkedHashSet;
import java.util.Set;

import dev.chela.runtime.json.JsonBuffer;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.json.Members;

import org.jspecify.annotations.Nullable;

/// Reads the envelope of one message; params are checked to be JSON and left as they are.
public final class FrameReader implements Members.Visitor {

    private static final JsonText NO_ID = JsonText.of("\"invalid\"");

    private @Nullable String type;
    private @Nullable String id;
    private @Nullable JsonText otherId;
    private @Nullable String method;
    private JsonText params = JsonText.EMPTY;
    private final Set<String> wrongTypes = new LinkedHashSet<>();
    private final Set<String> problems = new LinkedHashSet<>();

    private FrameReader() {}

    /// Reads one message.
    public static Incoming read(byte[] message) {
        var reader = new FrameReader();
        return switch (Members.visit(message, "params", reader)) {
            case MALFORMED -> new Incoming.Garbage();
            case OTHER -> new Incoming.NoRequest(NO_ID, "at root: must be object");
            case EXCESSIVE -> new Incoming.NoRequest(reader.idAsSent(), "JSON beyond the limits: " + JsonCodec.MAX_DEPTH
                    + " levels, names of " + JsonCodec.MAX_NAME + " bytes, numbers of " + JsonCodec.MAX_NUMBER
                    + " digits");
            case OBJECT -> reader.finish();
        };
    }

    @Override
    public void text(String name, String value) {
        switch (name) {
            case "type" -> type = value;
            case "id" -> id = value;
            case "method" -> method = value;
            case "traceparent", "expectedProfileId" -> {
            }
            default -> problems.add("at root: unexpected property '" + name + "'");
        }
    }

    @Override
    public void other(String name, JsonText value) {
        switch (name) {
            case "params" -> params = value.equals(JsonText.NULL) ? JsonText.EMPTY : value;
            case "id" -> otherId = value;
            case "type", "method", "traceparent", "expectedProfileId" -> wrongTypes.add(name);
            default -> problems.add("at root: unexpected property '" + name + "'");
        }
    }

    private Incoming finish() {
        need("type", type);
        if (otherId == null) {
            need("id", id);
        } else {
            problems.add("at /id: must be string");
        }
        need("method", method);
        if (type != null && !type.equals("req")) {
            problems.add("at /type: must be equal to one of the allowed values");
        }
        if (problems.isEmpty() && id != null && method != null) {
            return new Incoming.Request(id, method, params);
        }
        return new Incoming.NoRequest(idAsSent(), String.join("; ", problems));
    }

    private void need(String name, @Nullable String value) {
        if (wrongTypes.contains(name)) {
            problems.add("at /" + name + ": must be string");
        } else if (value == null) {
            problems.add("must have required property '" + name + "'");
        } else if (value.isEmpty()) {
            problems.add("at /" + name + ": must not have fewer than 1 characters");
        }
    }

    private JsonText idAsSent() {
        if (otherId != null) {
            return otherId;
        }
        return id == null ? NO_ID : JsonText.of(new JsonBuffer(id.length() + 2).text(id).toBytes());
    }
}
