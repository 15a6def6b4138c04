package dev.chela.runtime.testing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Pictures and files that tests attach to messages. Nobody looks at more of a picture than its beginning.
public final class Pictures {

    private Pictures() {}

    /// A PNG of a size that differs from all others of another seed.
    public static byte[] png(int size, long seed) {
        return image("\u0089PNG\r\n\u001a\n", size, seed);
    }

    /// A content of a size with a beginning.
    public static byte[] image(String head, int size, long seed) {
        byte[] all = new byte[size];
        new Random(seed).nextBytes(all);
        byte[] first = head.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(first, 0, all, 0, first.length);
        return all;
    }

    /// An attachment as clients send it.
    public static Map<String, Object> attachment(String name, String type, byte[] content) {
        return Map.of("type", type.startsWith("image/") ? "image" : "file", "mimeType", type, "fileName", name,
                "content", base64(content));
    }

    /// A message with attachments.
    public static Map<String, Object> message(String session, String text, String id, Object... all) {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("sessionKey", session);
        params.put("message", text);
        params.put("idempotencyKey", id);
        params.put("attachments", List.of(all));
        return params;
    }

    /// What the scripted engine says of one attached thing.
    public static String said(String name, String type, boolean image, byte[] content) {
        return name + " " + type + " " + image + " " + content.length + " " + Arrays.hashCode(content) + "|";
    }

    /// The content as clients write it.
    public static String base64(byte[] content) {
        return Base64.getEncoder().encodeToString(content);
    }
}
