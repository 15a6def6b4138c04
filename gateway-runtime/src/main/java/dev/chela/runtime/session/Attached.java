package dev.chela.runtime.session;

import dev.chela.api.json.Open;

/// What is known of a picture or file that came with a message; its content is in the store under its hash.
///
/// @param hash SHA-256 of the content, hex
/// @param size how long the content is, bytes
@Open
public record Attached(String hash, String name, String mimeType, int size) {

    /// Whether its content is a picture.
    public boolean isImage() {
        return MediaTypes.isImage(mimeType);
    }

    /// How long the content is in base64.
    public long encodedLength() {
        return (size + 2L) / 3 * 4;
    }
}
