package dev.chela.runtime.protocol;

import dev.chela.runtime.json.JsonBuffer;
import dev.chela.runtime.json.JsonText;

import org.jspecify.annotations.Nullable;

/// Writes responses and the parts of events that are the same for every client.
public final class FrameWriter {

    private FrameWriter() {}

    /// The answer to a call that went well.
    public static byte[] success(String id, JsonText payload) {
        return new JsonBuffer(48 + id.length() + payload.length()).raw("{\"type\":\"res\",\"id\":").text(id)
                .raw(",\"ok\":true,\"payload\":").raw(payload).raw("}").toBytes();
    }

    /// The answer to a call that failed.
    public static byte[] failure(String id, Failure failure) {
        return failure(JsonText.of(new JsonBuffer(id.length() + 2).text(id).toBytes()), failure, null);
    }

    /// The answer to a call that failed.
    ///
    /// @param id as it was sent, which may be no string
    /// @param payload what a failed run has to say besides the error
    public static byte[] failure(JsonText id, Failure failure, @Nullable JsonText payload) {
        var frame = new JsonBuffer(160 + failure.message().length()).raw("{\"type\":\"res\",\"id\":").raw(id)
                .raw(",\"ok\":false");
        if (payload != null) {
            frame.raw(",\"payload\":").raw(payload);
        }
        frame.raw(",\"error\":{\"code\":").text(failure.code().name()).raw(",\"message\":").text(failure.message());
        if (failure.details() != null) {
            frame.raw(",\"details\":").raw(failure.details());
        }
        if (failure.retryAfterMs() != null) {
            frame.raw(",\"retryable\":true,\"retryAfterMs\":").number(failure.retryAfterMs());
        }
        return frame.raw("}}").toBytes();
    }

    /// An event without its end: whoever delivers it adds [#end] with the connection's own number.
    ///
    /// @param stateVersion such as `{"presence":1,"health":2}`; only some events carry it
    public static byte[] event(String name, JsonText payload, @Nullable JsonText stateVersion) {
        var frame = new JsonBuffer(64 + name.length() + payload.length()).raw("{\"type\":\"event\",\"event\":")
                .text(name).raw(",\"payload\":").raw(payload);
        if (stateVersion != null) {
            frame.raw(",\"stateVersion\":").raw(stateVersion);
        }
        return frame.toBytes();
    }

    /// The end of an event.
    ///
    /// @param offset its number in the client's resumable stream, from 1 on; 0 if it has none
    public static byte[] end(long seq, long offset) {
        var end = new JsonBuffer(40).raw(",\"seq\":").number(seq);
        return (offset == 0 ? end : end.raw(",\"offset\":").number(offset)).raw("}").toBytes();
    }

    /// The first frame a client gets.
    public static byte[] challenge(String nonce, long nowMs) {
        return new JsonBuffer(128).raw("{\"type\":\"event\",\"event\":\"connect.challenge\",\"payload\":{\"nonce\":")
                .text(nonce).raw(",\"ts\":").number(nowMs).raw("}}").toBytes();
    }
}
