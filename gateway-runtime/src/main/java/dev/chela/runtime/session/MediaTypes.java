package dev.chela.runtime.session;

import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/// What a content is: of pictures their first bytes say it, whatever somebody claims.
public final class MediaTypes {

    private static final String TEXT = "text/plain";
    private static final String BYTES = "application/octet-stream";
    private static final String WORD = "[a-z0-9][a-z0-9!#$&^_.+-]{0,62}";
    private static final Map<String, List<String>> MARKS = Map.of("image/png", List.of("\u0089PNG\r\n\u001a\n"),
            "image/jpeg", List.of("\u00ff\u00d8\u00ff"), "image/gif", List.of("GIF87a", "GIF89a"));
    private static final Set<String> HEIC = Set.of("heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs");
    private static final Set<String> HEIF = Set.of("mif1", "msf1", "heif");
    private static final Set<String> IMAGES = Set.of("image/png", "image/jpeg", "image/gif", "image/webp",
            "image/heic", "image/heif");
    /// Other names of these; whoever claims one must have the content to it.
    private static final Set<String> OTHER_NAMES = Set.of("image/jpg", "image/pjpeg", "image/x-png");
    private static final int LOOKED_AT = 64 << 10;

    private MediaTypes() {}

    /// Whether a type that [#of] found is one of a picture.
    static boolean isImage(String type) {
        return IMAGES.contains(type);
    }

    /// What a content is.
    ///
    /// @param claimed what a client says it is; null if nothing
    public static String of(byte[] content, @Nullable String claimed, String name) {
        return image(content)
                .or(() -> usable(claimed))
                .or(() -> usable(URLConnection.guessContentTypeFromName(name)))
                .orElseGet(() -> isText(content) ? TEXT : BYTES);
    }

    private static Optional<String> usable(@Nullable String claimed) {
        String type = claimed == null ? "" : claimed.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return type.matches(WORD + "/" + WORD) && !isImage(type) && !OTHER_NAMES.contains(type) && !type.equals(BYTES)
                ? Optional.of(type)
                : Optional.empty();
    }

    private static Optional<String> image(byte[] content) {
        String head = new String(content, 0, Math.min(content.length, 16), StandardCharsets.ISO_8859_1);
        if (head.length() >= 12 && head.startsWith("RIFF") && head.startsWith("WEBP", 8)) {
            return Optional.of("image/webp");
        } else if (head.length() >= 12 && head.startsWith("ftyp", 4)) {
            String brand = head.substring(8, 12);
            return HEIC.contains(brand)
                    ? Optional.of("image/heic")
                    : HEIF.contains(brand) ? Optional.of("image/heif") : Optional.empty();
        }
        return MARKS.entrySet().stream().filter(type -> type.getValue().stream().anyMatch(head::startsWith))
                .map(Map.Entry::getKey).findFirst();
    }

    /// Its beginning decides; a character that is cut in two there does not count.
    private static boolean isText(byte[] content) {
        int end = Math.min(content.length, LOOKED_AT);
        while (end < content.length && end > 0 && (content[end] & 0xC0) == 0x80) {
            end--;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content, 0, end));
        } catch (CharacterCodingException e) {
            return false;
        }
        byte[] head = Arrays.copyOf(content, end);
        for (byte b : head) {
            if (b >= 0 && b < 0x20 && b != '\n' && b != '\r' && b != '\t' && b != '\f') {
                return false;
            }
        }
        return true;
    }
}
