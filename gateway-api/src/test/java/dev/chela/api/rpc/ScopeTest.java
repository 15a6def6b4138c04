package dev.chela.api.rpc;

import java.time.Duration;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ScopeTest {

    @ParameterizedTest
    @CsvSource({"operator.admin,operator.read,true", "operator.admin,operator.anything.new,true",
            "operator.admin,plugin.x,false", "operator.write,operator.read,true", "operator.write,operator.talk,true",
            "operator.write,operator.sessions.write,true", "operator.write,operator.approvals,false",
            "operator.write,operator.admin,false", "operator.read,operator.write,false",
            "operator.read,operator.sessions.read,true", "operator.sessions.write,operator.sessions.read,true",
            "operator.sessions.read,operator.read,false", "plugin.x,plugin.x,true"})
    void coversWhatTheProtocolSays(String held, String needed, boolean covers) {
        assertEquals(covers, new Scope(held).covers(new Scope(needed)));
    }

    @Test
    void countsAllScopesOfACaller() {
        var caller = new Caller("p", Role.OPERATOR, Set.of(Scope.PAIRING, Scope.WRITE), "cli");
        assertTrue(caller.holds(Scope.READ));
        assertFalse(caller.holds(Scope.ADMIN));
        assertFalse(new Caller("p", Role.OPERATOR, Set.of(), "cli").holds(Scope.READ));
    }

    @Test
    void keepsTheOriginalsStackAndCauseWhenAFailureIsRefined() {
        var cause = new IllegalStateException("why");
        RpcException first = RpcException.invalid("no");
        first.initCause(cause);
        RpcException refined = first.retryable(Duration.ofSeconds(1));
        assertEquals("no", refined.message());
        assertEquals(cause, refined.getCause());
        assertTrue(refined.retryAfter().isPresent() && first.retryAfter().isEmpty());
    }
}
