package dev.chela.runtime.protocol;

import dev.chela.api.agent.Attachment;

/// What may come with one message; hello tells clients of protocol 4 the two sizes.
///
/// @param count how many pictures and files
/// @param image the largest picture, bytes
/// @param file the largest of anything else, and all of one message together, bytes
public record AttachmentLimits(int count, int image, int file) {

    private static final int MAX_IMAGE = 6 << 20;
    /// What the rest of a request may take, such as the message.
    private static final int REST_OF_FRAME = 256 << 10;

    /// As much as a frame can carry in base64.
    static AttachmentLimits in(int frame) {
        int file = (int) Math.max(1, (frame - (long) REST_OF_FRAME) / 4 * 3);
        return new AttachmentLimits(Attachment.MAX_COUNT, Math.min(MAX_IMAGE, file), file);
    }
}
