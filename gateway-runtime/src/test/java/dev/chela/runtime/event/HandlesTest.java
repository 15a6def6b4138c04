package dev.chela.runtime.event;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import dev.chela.api.event.Audience;
import dev.chela.api.event.EventType;
import dev.chela.api.rpc.Caller;
import dev.chela.api.rpc.Role;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.protocol.ConnectParams;
import dev.chela.runtime.protocol.Dialect;
import dev.chela.runtime.protocol.Hello;
import dev.chela.runtime.testing.SettableClock;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What is kept for clients that lost their connection, for how long, and for whom.
class HandlesTest {

    private static final EventType<JsonText> MUST = EventType.of("must", JsonText.class, Audience.everyone());
    private static final EventType<JsonText> MAY = MUST.mayDrop();
    private static final EventType<JsonText> SECRET = EventType.of("secret", JsonText.class,
            Audience.holders(Scope.TALK));
    private static final News.Topic TOPIC = new News.Topic("sessions", "");
    private static final Duration AGE = Duration.ofSeconds(60);

    private final SettableClock clock = new SettableClock(Instant.parse("2026-01-02T03:04:05Z"));
    private final Broadcaster broadcaster = new Broadcaster();
    private Handles handles = serving(new Handles.Room(1000, AGE, 3, 2, 1 << 20));

    private Handles serving(Handles.Room room) {
        var made = new Handles(room);
        made.serve(broadcaster, clock);
        return made;
    }

    private static Caller caller(String principal, Scope... scopes) {
        return new Caller(principal, Role.OPERATOR, Set.of(scopes), "test");
    }

    /// A connection that notes what it gets.
    private static final class Line implements Outlet {

        final List<String> got = new ArrayList<>();
        Hello.Resume hello = new Hello.Resume("", 0, null, null);
        Offer answer = Offer.QUEUED;
        boolean superseded;
        @Nullable
        Handle handle;

        @Override
        public Offer offer(News news, long offset) {
            if (answer == Offer.QUEUED) {
                replay(news, offset);
            }
            return answer;
        }

        @Override
        public void replay(News news, long offset) {
            String frame = new String(news.body(), StandardCharsets.UTF_8);
            got.add(offset + frame.substring(frame.indexOf("\"payload\":") + 10).replaceAll("\"|x+", ""));
        }

        @Override
        public void offered(Offer offer) {}

        @Override
        public void superseded() {
            superseded = true;
        }

        Handle handle() {
            if (handle == null) {
                throw new AssertionError("was not let in");
            }
            return handle;
        }

        void lose() {
            handle().detach(this);
        }
    }

    private Line enter(Caller caller, ConnectParams.@Nullable Resume resume) {
        var line = new Line();
        line.handle = handles.admit(new Handles.Arrival(new Interests.Viewer(caller, Dialect.V4, Set.of()), resume),
                line,
                hello -> line.hello = hello);
        return line;
    }

    private Line enter(String principal) {
        return enter(caller(principal, Scope.TALK), null);
    }

    private Line resume(Line before, long offset) {
        return enter(caller("a", Scope.TALK), new ConnectParams.Resume(before.hello.handle(), offset));
    }

    private void tell(EventType<JsonText> type, String text) {
        broadcaster.publish(type, JsonText.of("\"" + text + "\""));
    }

    private void assertRefused(Refusal why, Line line) {
        assertEquals(why.reason(), line.hello.reason());
        assertEquals(false, line.hello.recovered());
        assertEquals(0, line.hello.offset());
        tell(MUST, "fresh");
        assertEquals(List.of("1fresh"), line.got);
    }

    // ---- going on ----

    @Test
    void givesExactlyWhatWasMissedAndThenWhatIsNew() {
        Line first = enter("a");
        tell(MUST, "p");
        tell(MUST, "q");
        first.lose();
        tell(MUST, "r");
        tell(SECRET, "s");
        Line second = resume(first, 1);
        assertEquals(new Hello.Resume(first.hello.handle(), 4, true, null), second.hello);
        tell(MUST, "t");
        assertEquals(List.of("1p", "2q"), first.got);
        assertEquals(List.of("2q", "3r", "4s", "5t"), second.got);
    }

    @Test
    void keepsSubscriptionsAcrossConnections() {
        Line first = enter("a");
        first.handle().subscribe(TOPIC);
        first.lose();
        assertTrue(broadcaster.isFollowed(TOPIC));
        broadcaster.publish(MUST, JsonText.of("\"row\""), TOPIC);
        assertEquals(List.of("1row"), resume(first, 0).got);
    }

    @Test
    void numbersNothingThatIsLeftOutForASlowReader() {
        Line line = enter("a");
        tell(MUST, "p");
        line.answer = Offer.DROPPED;
        tell(MAY, "left out");
        line.answer = Offer.QUEUED;
        tell(MUST, "q");
        assertEquals(List.of("1p", "2q"), line.got);
        line.lose();
        assertEquals(List.of("1p", "2q"), resume(line, 0).got);
    }

    @Test
    void keepsWhatASlowReaderWasClosedForAndSendsNothingBehindIt() {
        Line line = enter("a");
        line.answer = Offer.OVERFLOW;
        tell(MUST, "too much");
        line.answer = Offer.QUEUED;
        tell(MUST, "behind");
        assertEquals(List.of(), line.got);
        assertEquals(List.of("1too much", "2behind"), resume(line, 0).got);
    }

    @Test
    void keepsWhatComesBetweenAGoodbyeAndTheEndOfTheSocket() {
        Line line = enter("a");
        line.answer = Offer.CLOSED;
        tell(MUST, "late");
        line.lose();
        assertEquals(List.of("1late"), resume(line, 0).got);
    }

    @Test
    void letsTheNewerConnectionWin() {
        Line first = enter("a");
        Line second = resume(first, 0);
        assertTrue(first.superseded);
        first.lose();
        tell(MUST, "p");
        assertEquals(List.of(), first.got);
        assertEquals(List.of("1p"), second.got);
    }

    @Test
    void goesOnInTheNextGatewayOfTheSameProcess() {
        Line first = enter("a");
        first.lose();
        var next = new Broadcaster();
        handles.serve(next, clock);
        next.publish(MUST, JsonText.of("\"p\""));
        assertEquals(List.of("1p"), resume(first, 0).got);
    }

    // ---- refusing ----

    @Test
    void refusesHandlesOfAnotherEpoch() {
        Line line = enter("a");
        handles = serving(Handles.Room.standard());
        assertRefused(Refusal.UNKNOWN_EPOCH, resume(line, 0));
        assertRefused(Refusal.UNKNOWN_EPOCH, enter(caller("a"), new ConnectParams.Resume("nonsense", 0)));
    }

    @Test
    void isNotFooledByHalfAHandle() {
        String known = enter("a").hello.handle();
        String guess = known.substring(0, 63) + (known.endsWith("0") ? "1" : "0");
        assertRefused(Refusal.EXPIRED, enter(caller("a"), new ConnectParams.Resume(guess, 0)));
        assertRefused(Refusal.UNKNOWN_EPOCH, enter(caller("a"), new ConnectParams.Resume(known.substring(1), 0)));
    }

    @Test
    void refusesAnotherCallerAndHarmsNobody() {
        Line line = enter("a");
        tell(SECRET, "p");
        var stolen = new ConnectParams.Resume(line.hello.handle(), 0);
        Line thief = enter(caller("b", Scope.ADMIN), stolen);
        assertNotEquals(line.hello.handle(), thief.hello.handle());
        assertRefused(Refusal.OTHER_CALLER, thief);
        assertRefused(Refusal.OTHER_CALLER, enter(new Caller("a", Role.NODE, Set.of(), "test"), stolen));
        assertFalse(line.superseded);
        line.lose();
        enter(caller("b", Scope.ADMIN), stolen);
        assertEquals(true, resume(line, 1).hello.recovered());
    }

    @Test
    void replaysNothingThatTheCallerMayNotSeeAnyMore() {
        Line line = enter("a");
        tell(SECRET, "p");
        line.lose();
        var where = new ConnectParams.Resume(line.hello.handle(), 0);
        assertRefused(Refusal.SCOPES_CHANGED, enter(caller("a", Scope.READ), where));
        assertRefused(Refusal.EXPIRED, enter(caller("a", Scope.TALK), where));
    }

    @Test
    void goesOnWithFewerScopesIfNothingOfTheTailNeedsThem() {
        Line line = enter("a");
        tell(SECRET, "p");
        tell(MUST, "q");
        line.lose();
        Line poorer = enter(caller("a", Scope.READ), new ConnectParams.Resume(line.hello.handle(), 1));
        tell(SECRET, "not for it");
        tell(MUST, "r");
        assertEquals(List.of("2q", "3r"), poorer.got);
    }

    @Test
    void refusesAnOffsetBeyondWhatWasSent() {
        Line line = enter("a");
        tell(MUST, "p");
        line.lose();
        tell(MUST, "never sent");
        assertRefused(Refusal.UNKNOWN_OFFSET, resume(line, 2));
    }

    @Test
    void refusesWhatIsTooOld() {
        Line line = enter("a");
        line.lose();
        clock.pass(AGE);
        assertEquals(true, resume(line, 0).hello.recovered());
        resume(line, 0).lose();
        clock.pass(AGE.plusMillis(1));
        assertRefused(Refusal.EXPIRED, resume(line, 0));
    }

    @Test
    void forgetsWhatIsTooOldByItself() {
        enter("a").lose();
        Line stays = enter("b");
        tell(MUST, "p");
        assertEquals(2, handles.count());
        clock.pass(AGE.plusMillis(1));
        handles.sweep();
        assertEquals(1, handles.count());
        assertEquals(0, handles.held());
        assertRefused(Refusal.EXPIRED, enter(caller("b"), new ConnectParams.Resume(stays.hello.handle(), 0)));
    }

    @Test
    void refusesTheRevoked() {
        Line line = enter("a");
        line.handle().revoke(line);
        assertEquals(0, handles.count());
        assertRefused(Refusal.EXPIRED, resume(line, 0));
    }

    // ---- room ----

    @Test
    void keepsNoMoreThanARingHolds() {
        Line line = enter("a");
        for (int i = 1; i <= 9; i++) {
            tell(MUST, i + "x".repeat(150));
        }
        line.lose();
        assertEquals(List.of("77", "88", "99"), resume(line, 6).got);
        resume(line, 6).lose();
        assertRefused(Refusal.OVERFLOW, resume(line, 1));
    }

    @Test
    void keepsNothingMoreOnceNobodyCanGoOn() {
        Line line = enter("a");
        line.lose();
        long empty = handles.held();
        for (int i = 0; i < 9; i++) {
            tell(MUST, "x".repeat(150));
        }
        assertEquals(empty, handles.held());
        assertFalse(line.handle().wants(News.of(MUST, JsonText.EMPTY, null)));
        assertRefused(Refusal.OVERFLOW, resume(line, 0));
    }

    @Test
    void letsWhatMayBeMissedNotCrowdOutWhatMayNot() {
        Line line = enter("a");
        line.lose();
        for (int i = 0; i < 9; i++) {
            tell(MAY, "x".repeat(150));
        }
        tell(MUST, "final");
        tell(MUST, "y".repeat(2000));
        assertEquals(List.of("1", "2final"), resume(line, 0).got);
    }

    @Test
    void keepsTheNewestHandlesOfAClientAndOfAll() {
        Line a1 = enter("a");
        Line a2 = enter("a");
        Line a3 = enter("a");
        Line b = enter("b");
        Line c = enter("c");
        List.of(a1, a2, a3, b, c).forEach(Line::lose);
        assertEquals(3, handles.count());
        assertEquals("expired", resume(a1, 0).hello.reason());
        assertEquals("expired", resume(a2, 0).hello.reason());
        assertEquals(true, resume(a3, 0).hello.recovered());
    }

    @Test
    void countsSharedFramesOnceAndMakesRoomWhenAllRingsHoldTooMuch() {
        handles = serving(new Handles.Room(1000, AGE, 3, 3, 1000));
        Line away = enter("a");
        Line here = enter("a");
        away.lose();
        tell(MUST, "x".repeat(200));
        long both = handles.held();
        assertTrue(both > 200 && both < 400, () -> both + " bytes");
        tell(MUST, "x".repeat(200));
        assertEquals(2, handles.count());
        tell(MUST, "x".repeat(200));
        assertEquals(1, handles.count(), "whoever is away goes first");
        assertEquals("expired", resume(away, 0).hello.reason());
        Line alone = resume(here, 0);
        assertEquals(3, alone.got.size());
        assertTrue(handles.held() <= 1000, () -> handles.held() + " bytes");
    }

    @Test
    void emptiesTheLargestRingsIfNobodyIsAway() {
        handles = serving(new Handles.Room(1000, AGE, 3, 3, 500));
        Line line = enter("a");
        tell(MUST, "x".repeat(200));
        tell(MUST, "x".repeat(200));
        assertEquals(0, handles.held());
        tell(MUST, "p");
        assertEquals(List.of("1", "2", "3p"), line.got);
        assertEquals(List.of("3p"), resume(line, 2).got);
        assertRefused(Refusal.OVERFLOW, resume(line, 1));
    }

    @Test
    void leavesNothingBehindIfHelloCannotBeWritten() {
        assertThrows(IllegalStateException.class, () -> handles.admit(
                new Handles.Arrival(new Interests.Viewer(caller("a"), Dialect.V4, Set.of()), null), new Line(), _ -> {
                    throw new IllegalStateException("broken");
                }));
        assertEquals(0, handles.count());
    }
}
