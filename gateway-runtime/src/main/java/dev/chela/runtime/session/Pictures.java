package dev.chela.runtime.session;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Shows what came with messages; pictures as long as they fit into what is left of a page, so that of others, as of
/// files, clients learn only what they are. Used by one thread.
public final class Pictures {

    /// Shows none.
    public static final Pictures NONE = new Pictures(0, _ -> Optional.empty());

    /// About what the name of the member takes besides.
    private static final int MEMBER = 16;

    private final Function<String, Optional<byte[]>> contents;
    private long left;

    /// @param room how many bytes of JSON they may take
    /// @param contents finds a content by its hash
    public Pictures(long room, Function<String, Optional<byte[]>> contents) {
        this.left = room;
        this.contents = contents;
    }

    Map<String, Object> show(Attached one) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("type", one.isImage() ? "image" : "file");
        part.put("mimeType", one.mimeType());
        part.put("fileName", one.name());
        Optional<byte[]> content = one.isImage() && one.encodedLength() + MEMBER <= left
                ? contents.apply(one.hash())
                : Optional.empty();
        if (content.isPresent()) {
            left -= one.encodedLength() + MEMBER;
            part.put("data", Base64.getEncoder().encodeToString(content.get()));
        } else {
            part.put("omitted", true);
            part.put("bytes", one.size());
        }
        return part;
    }
}
