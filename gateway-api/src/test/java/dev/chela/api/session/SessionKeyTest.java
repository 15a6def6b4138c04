package dev.chela.api.session;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class SessionKeyTest {

    @Test
    void hasOneForm() {
        assertEquals("agent:main:telegram:group:-1", new SessionKey(" Main", "Telegram:GROUP:-1 ").toString());
        assertEquals(new SessionKey("a", "b"), new SessionKey("A", "B"));
    }

    @ParameterizedTest
    @CsvSource({"'',x", "a,''", "a:b,c", "' ',x"})
    void refusesWhatIsNoKey(String agent, String rest) {
        assertThrows(IllegalArgumentException.class, () -> new SessionKey(agent, rest));
    }

    @Test
    void refusesControlCharactersAndExcess() {
        assertThrows(IllegalArgumentException.class, () -> new SessionKey("a", "b\nc"));
        assertThrows(IllegalArgumentException.class, () -> new SessionKey("a", "x".repeat(SessionKey.MAX_LENGTH)));
    }
}
