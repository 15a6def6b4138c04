package dev.chela.plugin.openai;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import dev.chela.api.agent.Attachment;
import dev.chela.api.agent.Message;
import dev.chela.api.agent.Model;

/// What a model is given of the pictures and files in a conversation: pictures as such, texts inside the message, and of
/// everything else its name and size, so that the model can say what it cannot read.
///
/// Contents are read for each request anew, so that nothing of them is in memory while the model thinks.
final class Enclosures {

    /// How much of one text file a model is given, in bytes; less if its context is small.
    static final int MAX_TEXT = 100_000;
    /// How many pictures of earlier messages are shown again, the newest ones, and how large they may be together.
    static final int MAX_PAST_IMAGES = 4;
    static final long MAX_PAST_BYTES = 4 << 20;
    /// About what a picture takes of a context, in characters.
    private static final int IMAGE_LENGTH = 3000;
    private static final int MENTION_LENGTH = 150;
    /// What providers take.
    private static final Set<String> IMAGES = Set.of("image/png", "image/jpeg", "image/gif", "image/webp");
    private static final Set<String> TEXTS = Set.of("application/json", "application/xml", "application/csv",
            "application/yaml", "application/x-yaml", "application/toml", "application/javascript",
            "application/x-ndjson", "application/jsonl", "application/sql", "application/x-sh");

    private final boolean sees;
    private final long room;
    private final Set<Attachment> shown = Collections.newSetFromMap(new IdentityHashMap<>());

    /// @param room how many characters fit into the model's context
    Enclosures(Model model, long room) {
        this.sees = model.takes("image");
        this.room = room;
    }

    /// Chooses the pictures that are shown: all of the last message, the newest of those before.
    void choose(List<Message> messages) {
        if (!sees || messages.isEmpty()) {
            return;
        }
        pictures(messages.getLast()).forEach(shown::add);
        long bytes = 0;
        int count = 0;
        for (Message message : messages.subList(0, messages.size() - 1).reversed()) {
            for (Attachment picture : pictures(message).toList()) {
                if (count < MAX_PAST_IMAGES && bytes + picture.size() <= MAX_PAST_BYTES) {
                    shown.add(picture);
                    bytes += picture.size();
                    count++;
                }
            }
        }
    }

    private static Stream<Attachment> pictures(Message message) {
        return message.attachments().stream().filter(one -> one.isImage() && IMAGES.contains(one.mimeType()));
    }

    /// Whether any picture is shown.
    boolean showsPictures() {
        return !shown.isEmpty();
    }

    /// About how many characters of a context a message's enclosures take.
    long length(Message message) {
        int most = most(message);
        return message.attachments().stream()
                .mapToLong(one -> MENTION_LENGTH + (isText(one)
                        ? Math.min(one.size(), most)
                        : one.isImage()
                                ? IMAGE_LENGTH
                                : 0))
                .sum();
    }

    /// The texts of one message take at most half of the context together.
    private int most(Message message) {
        long texts = Math.max(1, message.attachments().stream().filter(Enclosures::isText).count());
        return Math.clamp(room / 2 / texts, 0, MAX_TEXT);
    }

    private static boolean isText(Attachment one) {
        String type = one.mimeType();
        return !one.isImage() && (type.startsWith("text/") || TEXTS.contains(type) || type.endsWith("+json")
                || type.endsWith("+xml"));
    }

    /// What a model is told of a message.
    ///
    /// @param pictures whether it is shown any
    Content content(Message message, boolean pictures) {
        List<String> texts = new ArrayList<>();
        List<String> urls = new ArrayList<>();
        if (!message.text().isEmpty()) {
            texts.add(message.text());
        }
        for (Attachment one : message.attachments()) {
            if (pictures && shown.contains(one)) {
                urls.add("data:" + one.mimeType() + ";base64," + Base64.getEncoder().encodeToString(one.bytes()));
            } else {
                texts.add(one.isImage() ? unseen(one, pictures) : file(one, most(message)));
            }
        }
        return new Content(String.join("\n\n", texts), urls);
    }

    private String unseen(Attachment picture, boolean pictures) {
        String why = !sees || !pictures
                ? "you cannot see pictures"
                : IMAGES.contains(picture.mimeType())
                        ? "it is not shown again"
                        : "you cannot see pictures of this kind";
        return "[Attached picture " + named(picture) + ": " + why + "]";
    }

    private static String file(Attachment file, int most) {
        if (isText(file)) {
            Optional<String> text = text(file.bytes(), most);
            if (text.isPresent()) {
                String end = file.size() > most
                        ? "[End of the first " + most + " bytes of \"" + file.name() + "\"]"
                        : "[End of \"" + file.name() + "\"]";
                return "[Attached file " + named(file) + "]\n" + text.get() + "\n" + end;
            }
        }
        return "[Attached file " + named(file) + ": you cannot read its content]";
    }

    private static String named(Attachment one) {
        return "\"" + one.name() + "\", " + one.mimeType() + ", " + one.size() + " bytes";
    }

    /// The beginning of a content; empty if it is no UTF-8, whatever its type says.
    private static Optional<String> text(byte[] content, int most) {
        int end = Math.min(content.length, most);
        while (end < content.length && end > 0 && (content[end] & 0xC0) == 0x80) {
            end--; // no character is cut in two
        }
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content, 0, end)).toString();
            return Optional.of(text).filter(all -> all.indexOf('\0') < 0);
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
