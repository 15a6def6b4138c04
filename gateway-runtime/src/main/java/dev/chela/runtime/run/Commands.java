package dev.chela.runtime.run;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

import dev.chela.api.session.Command;
import dev.chela.runtime.lifecycle.Owner;

/// The slash commands of plugins at one moment; immutable, replaced as a whole.
///
/// @param entries in the order of the plugins
public record Commands(List<Entry> entries) {

    /// A command and whose it is.
    public record Entry(Owner owner, Command command) {}

    /// Copies the list.
    public Commands {
        entries = List.copyOf(entries);
    }

    /// The command of a name.
    public Optional<Entry> find(String name) {
        return entries.stream().filter(entry -> entry.command().name().equals(name)).findFirst();
    }

    /// A command as it was typed.
    ///
    /// @param name without the slash, lower case
    /// @param arguments what stands behind it, without blanks around it
    public record Typed(String name, String arguments) {

        /// What a message says if it is read as a command; empty if it has not the form of one.
        public static Optional<Typed> of(String message) {
            String text = message.strip();
            int end = 1;
            while (end < text.length() && isPart(text.charAt(end))) {
                end++;
            }
            boolean form = text.startsWith("/") && end > 1 && end <= 65
                    && (end == text.length() || Character.isWhitespace(text.charAt(end)));
            return form
                    ? Optional.of(new Typed(text.substring(1, end).toLowerCase(Locale.ROOT),
                            text.substring(end).strip()))
                    : Optional.empty();
        }

        private static boolean isPart(char c) {
            return c == '-' || c == '_' || (c < 0x80 && Character.isLetterOrDigit(c));
        }
    }
}
