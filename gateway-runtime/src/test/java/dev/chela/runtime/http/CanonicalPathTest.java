package dev.chela.runtime.http;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CanonicalPathTest {

    @ParameterizedTest
    @CsvSource({"/,/", "/a/b,/a/b", "/a/b/,/a/b", "//a///b,/a/b", "/a/./b/../c,/a/c", "/../../a,/a", "/%61,/a",
            "/gr%C3%BC%C3%9Fe,/grüße", "/a%20b,/a b", "/A/b,/A/b", "/..;/a,/..;/a", "/a/%2e%2e/b,/b"})
    void hasOneForm(String raw, String path) {
        assertEquals(path, CanonicalPath.of(raw).orElseThrow().path());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "*", "/%", "/%2", "/%zz", "/%2f", "/a%2Fb", "/%5c", "/a\\b", "/%00", "/%0a",
            "/%7f",
            "/%2561", "/%ff", "/%c3%28"})
    void refusesWhatIsMalformedOrHidesSomething(String raw) {
        assertTrue(CanonicalPath.of(raw).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"/api/channels,true", "/API/Channels/x,true", "/api/channelsx,false", "/api,false"})
    void knowsWhatLiesBelow(String raw, boolean below) {
        assertEquals(below, CanonicalPath.of(raw).orElseThrow().isAtOrBelow("/api/channels"));
    }
}
