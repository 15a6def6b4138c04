package dev.chela.api.agent;

/// A picture or file that came with a message. Safe for all threads.
///
/// The gateway has looked at its content: what [#isImage] says is true whatever the client claimed, all else is as the
/// client said or, if it said nothing, as name and content look. A message has at most [#MAX_COUNT] of them.
public interface Attachment {

    /// How many one message can have.
    int MAX_COUNT = 10;

    /// The longest name, in UTF-16 units.
    int MAX_NAME = 255;

    /// Its file name, without folders and control characters; 1 to [#MAX_NAME] UTF-16 units. People chose it: it says
    /// nothing about the content, and two of one message may have the same.
    String name();

    /// Its media type in lower case, without parameters, such as `image/png` or `text/plain`.
    String mimeType();

    /// How long its content is, in bytes; at least 1, and no more than the gateway's hello allows (19 MiB as it is
    /// released, 6 MiB for a picture).
    long size();

    /// Whether its content is a picture: PNG, JPEG, GIF, WebP, HEIC or HEIF.
    boolean isImage();

    /// Its content, a copy of the caller's own. Read from the store at every call, so that it blocks, and costs memory as
    /// long as the caller keeps it.
    ///
    /// @throws IllegalStateException if its session was deleted meanwhile
    byte[] bytes();
}
