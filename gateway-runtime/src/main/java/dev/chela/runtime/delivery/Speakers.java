package dev.chela.runtime.delivery;

import dev.chela.api.channel.Inbound.Sender;

/// How people are named to an agent where several write. Whoever chooses a name must not be able to look like another by it:
/// a name is one line without brackets and colons, and the id the service gave stands behind it.
final class Speakers {

    private Speakers() {}

    /// A person, such as `Ann (u42)`; only the id if there is no name.
    static String named(Sender sender) {
        String id = Ids.readable(sender.id());
        String name = sender.name() == null ? "" : line(sender.name());
        return name.isEmpty() ? id : name + " (" + id + ")";
    }

    /// Signs that end lines, change the direction of writing, are not seen, or set names and ids apart become blanks.
    private static String line(String name) {
        var line = new StringBuilder(name.length());
        name.codePoints().forEach(c -> line.appendCodePoint(isPlain(c) ? c : ' '));
        return line.toString().strip().replaceAll("\\s+", " ");
    }

    private static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED ->
                false;
            default -> "():\uFF08\uFF09\uFF1A".indexOf(c) < 0;
        };
    }
}
