package dev.chela.runtime.method;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

import dev.chela.api.json.Bounds;
import dev.chela.api.json.Json;
import dev.chela.api.json.Open;
import dev.chela.api.rpc.RpcException;
import dev.chela.runtime.protocol.AttachmentLimits;
import dev.chela.runtime.run.Upload;

import org.jspecify.annotations.Nullable;

/// Reads what clients attach to messages, within the limits that hello tells; nothing of a message is taken if one part
/// of it cannot be.
public final class Uploads {

    /// The longest name a client may send, in UTF-16 units; what is left of it without folders is cut.
    static final int MAX_SENT_NAME = 4096;

    private final AttachmentLimits limits;

    /// Uploads within these limits.
    public Uploads(AttachmentLimits limits) {
        this.limits = limits;
    }

    /// A picture or file as clients send it; what they say of its size or length is passed over.
    ///
    /// @param content base64, or a data URL with it
    @Open
    record Sent(@Bounds(max = 256) @Nullable String type, @Bounds(max = 256) @Nullable String mimeType,
            @Bounds(max = MAX_SENT_NAME) @Nullable String fileName, @Nullable Json content) {}

    /// What came with a message.
    ///
    /// @throws RpcException naming the one that cannot be taken, and why
    List<Upload> read(@Nullable List<Sent> all) {
        if (all == null) {
            return List.of();
        } else if (all.size() > limits.count()) {
            throw RpcException.invalid("a message can have at most " + limits.count() + " attachments, not "
                    + all.size());
        }
        List<Upload> uploads = new ArrayList<>();
        long together = 0;
        for (Sent sent : all) {
            Upload upload = read(sent, uploads.size() + 1);
            together += upload.content().length;
            uploads.add(upload);
        }
        if (together > limits.file()) {
            throw RpcException.invalid("the attachments have " + together + " bytes together; a message can have at"
                    + " most " + limits.file());
        }
        return uploads;
    }

    /// A message that says nothing is none.
    ///
    /// @throws RpcException if there is neither text nor anything attached
    static void require(String message, List<Upload> uploads) {
        if (message.isBlank() && uploads.isEmpty()) {
            throw RpcException.invalid("message or attachment required");
        }
    }

    private Upload read(Sent sent, int number) {
        String cleaned = Upload.clean(sent.fileName() == null ? "" : sent.fileName());
        String shown = cleaned.isEmpty() ? "attachment " + number : "attachment " + number + " ('" + cleaned + "')";
        if (!(sent.content() instanceof Json.Text(String content))) {
            throw RpcException.invalid(shown + " has no content; it must be base64 or a data URL");
        }
        String claimed = sent.mimeType();
        String encoded = content;
        if (content.regionMatches(true, 0, "data:", 0, 5)) {
            int comma = content.indexOf(',');
            String head = comma < 0 ? "" : content.substring(5, comma);
            if (!head.toLowerCase(Locale.ROOT).endsWith(";base64")) {
                throw RpcException.invalid(shown + " is a data URL without base64");
            }
            claimed = claimed == null ? head.substring(0, head.length() - 7) : claimed;
            encoded = content.substring(comma + 1);
        }
        checkSize(shown, "a file", size(encoded), limits.file()); // before it takes that much memory
        Upload upload = Upload.of(sent.fileName(), claimed, decoded(shown, encoded), number);
        if (upload.about().isImage()) {
            checkSize(shown, "an image", upload.content().length, limits.image());
        }
        return upload;
    }

    private static long size(String encoded) {
        int padding = encoded.endsWith("==") ? 2 : encoded.endsWith("=") ? 1 : 0;
        return (encoded.length() - padding) * 3L / 4;
    }

    private static void checkSize(String shown, String what, long size, long most) {
        if (size > most) {
            throw RpcException.invalid(shown + " has " + size + " bytes; " + what + " can have at most " + most);
        }
    }

    private static byte[] decoded(String shown, String encoded) {
        try {
            byte[] content = Base64.getDecoder().decode(encoded);
            if (content.length > 0) {
                return content;
            }
        } catch (IllegalArgumentException e) {
            throw RpcException.invalid(shown + " is not valid base64: " + e.getMessage());
        }
        throw RpcException.invalid(shown + " is empty");
    }
}
