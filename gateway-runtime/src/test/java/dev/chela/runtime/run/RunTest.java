package dev.chela.runtime.run;

import dev.chela.api.session.SessionKey;
import dev.chela.runtime.store.RunTable.RunRow;
import dev.chela.runtime.store.RunTable.State;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class RunTest {

    private final Run run = new Run(new RunRow("id", "chat.send", "p", "h", "agent:main:s", "sid", 1, "m", State.QUEUED,
            0, 0, 0, false, "{}", null), new SessionKey("main", "s"), Ask.Options.NONE);

    private void say(String text) {
        run.append(run.joined(text), 0, 0);
    }

    @Test
    void keepsWhatComesBehindAToolApart() {
        say("one");
        say(" two");
        assertEquals("one two", run.takeText());
        say("three");
        say("four");
        assertEquals("one two\n\nthreefour", run.text());
        assertEquals("threefour", run.takeText());
        assertEquals("", run.takeText());
    }

    @Test
    void givesEachMessageOfTheTranscriptItsPart() {
        assertEquals("  as it is", run.untaken("  as it is"), "nothing was taken yet");
        say("one\n");
        run.wrote(run.takeText(), "one");
        assertEquals("", run.untaken("on"), "it was cut off before");
        assertEquals("", run.untaken("one\n"));
        say("two");
        assertEquals("two", run.untaken(run.text()));
        assertEquals("something else", run.untaken("something else"));
    }

    @Test
    void joinsWhatPluginsMadeOfEachPart() {
        say("one secret ");
        run.wrote(run.takeText(), "one ***");
        say("two");
        assertEquals("two", run.rest());
        assertEquals("one *** two", run.whole(run.rest()));
        assertEquals("two", run.untaken("one *** two"));
    }
}
