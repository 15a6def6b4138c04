package dev.chela.plugin.heartbeat;

import java.util.regex.Pattern;

/// What an agent answered to a heartbeat.
///
/// @param text as it came
record Reply(String text) {

    /// An agent that has nothing to say answers this.
    static final String NOTHING = "HEARTBEAT_OK";

    /// What may stand beside it: a politeness, not a message.
    private static final int MAX_BESIDE = 300;
    private static final int MAX_PREVIEW = 200;
    /// Behind that length no markup can make a message short enough; it also bounds the search.
    private static final int MAX_LENGTH = 4000;
    private static final Pattern TAG = Pattern.compile("<[^<>]*>");
    private static final Pattern EDGE = Pattern.compile("^[\\s*_~`]+|[\\s*_~`]+$");
    private static final Pattern FIRST = Pattern.compile("^" + NOTHING + "(?!\\w)");
    private static final Pattern LAST = Pattern.compile("(?<!\\w)" + NOTHING + "[.!]?$");

    boolean isEmpty() {
        return text.isBlank();
    }

    /// Whether the token stands at the start or the end, with little beside it.
    boolean saysNothing() {
        if (text.length() > MAX_LENGTH) {
            return false;
        }
        String bare = trimmed(TAG.matcher(text).replaceAll(""));
        String rest = FIRST.matcher(bare).replaceFirst("");
        if (rest.equals(bare)) {
            rest = LAST.matcher(bare).replaceFirst("");
        }
        return !rest.equals(bare) && trimmed(rest).length() <= MAX_BESIDE;
    }

    private static String trimmed(String marked) {
        return EDGE.matcher(marked).replaceAll("");
    }

    /// The beginning, for people.
    String preview() {
        String shown = text.strip();
        if (shown.length() <= MAX_PREVIEW) {
            return shown;
        }
        int end = MAX_PREVIEW - 1;
        return shown.substring(0, Character.isHighSurrogate(shown.charAt(end - 1)) ? end - 1 : end) + "…";
    }
}
