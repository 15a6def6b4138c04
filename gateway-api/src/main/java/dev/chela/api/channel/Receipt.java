package dev.chela.api.channel;

import java.util.Map;

/// What a service says of a message it has taken.
///
/// @param messageId the service's own id of it
/// @param details further ids under the names clients know, such as `chatId`, `channelId` or `conversationId`
public record Receipt(String messageId, Map<String, String> details) {

    /// Copies the details.
    public Receipt {
        details = Map.copyOf(details);
    }

    /// Nothing but the id.
    public static Receipt of(String messageId) {
        return new Receipt(messageId, Map.of());
    }
}
