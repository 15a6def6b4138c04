package dev.chela.runtime.run;

import dev.chela.api.agent.Attachment;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.session.Attached;
import dev.chela.runtime.session.MediaTypes;
import dev.chela.runtime.store.Fingerprint;

import org.jspecify.annotations.Nullable;

/// A picture or file on its way into the store.
///
/// @param content nobody may change it any more
public record Upload(Attached about, byte[] content) {

    /// What somebody sent.
    ///
    /// @param name as the sender wrote it; null if it has none
    /// @param claimed the media type the sender gave it; null if none
    /// @param number its place in the message, from 1
    public static Upload of(@Nullable String name, @Nullable String claimed, byte[] content, int number) {
        String cleaned = name == null ? "" : clean(name);
        String type = MediaTypes.of(content, claimed, cleaned);
        String shown = cleaned.isEmpty() ? "attachment-" + number : cleaned;
        return new Upload(new Attached(hash(content), shown, type, content.length), content);
    }

    /// A file name without its folders and without characters that nobody sees; empty if nothing is left.
    public static String clean(String name) {
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        String seen = last.codePoints().filter(c -> !Character.isISOControl(c) && !isUnseen(c))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString().strip();
        return seen.matches("\\.*") ? "" : JsonText.cut(seen, Attachment.MAX_NAME).strip();
    }

    /// Such as the marks that turn the direction of writing, with which a name can show another ending than it has.
    private static boolean isUnseen(int c) {
        int type = Character.getType(c);
        return type == Character.FORMAT || type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR;
    }

    private static String hash(byte[] content) {
        return Fingerprint.of(content);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Upload upload && about.equals(upload.about);
    }

    @Override
    public int hashCode() {
        return about.hashCode();
    }

    @Override
    public String toString() {
        return about.toString();
    }
}
