package dev.chela.runtime.event;

import java.util.function.Consumer;

import dev.chela.api.rpc.Caller;
import dev.chela.runtime.protocol.Hello;

import org.jspecify.annotations.Nullable;

/// One client's news as a numbered stream that outlives its connection: what it follows, and what it was sent, or would
/// have been, of late.
///
/// Its lock makes one step of numbering news and sending or keeping them: offsets have no holes, and what has one is kept
/// before anybody can miss it. Whoever holds this lock may take the one of [Handles], never that of another handle.
public final class Handle implements Subscriber {

    private final String text;
    private final Caller owner;
    private final Handles home;
    private final Interests interests;
    private final Ring ring;

    private @Nullable Outlet outlet;
    private long last;
    private long sent;
    private long unsentBytes;
    private long parkedSince;
    private long parkedCost;
    private boolean ended;
    /// Nobody can get the tail whole any more.
    private volatile boolean torn;

    Handle(String text, Handles.Arrival arrival, Handles home, Ring ring) {
        this.text = text;
        this.interests = new Interests(text);
        this.owner = arrival.viewer().caller();
        this.home = home;
        this.ring = ring;
        interests.belongTo(arrival.viewer());
    }

    // ---- a connection comes ----

    /// Begins with nothing missed: news that come meanwhile wait until hello is written.
    ///
    /// @param refusal why the client could not go on with another handle; null if it did not try
    synchronized void begin(Outlet first, @Nullable Refusal refusal, Consumer<Hello.Resume> hello) {
        home.register(this);
        try {
            hello.accept(new Hello.Resume(text, 0, refusal == null ? null : false,
                    refusal == null ? null : refusal.reason()));
            outlet = first;
        } finally {
            if (outlet == null) {
                end();
            }
        }
    }

    /// Goes on where the client was: hello, what it missed, and from then on what is new.
    ///
    /// @return why not; empty-handed clients get another handle
    @Nullable
    Refusal resume(Handles.Arrival arrival, long offset, Outlet next, Consumer<Hello.Resume> hello) {
        Outlet before;
        synchronized (this) {
            Refusal refusal = refusal(arrival.viewer(), offset);
            if (refusal != null) {
                if (refusal != Refusal.OTHER_CALLER && outlet == null) {
                    end();
                }
                return refusal;
            }
            hello.accept(new Hello.Resume(text, last, true, null));
            ring.after(offset).forEach(entry -> next.replay(entry.news(), entry.offset()));
            interests.belongTo(arrival.viewer());
            unpark();
            before = outlet;
            outlet = next;
            sent = last;
            unsentBytes = 0;
        }
        if (before != null) {
            before.superseded();
        }
        return null;
    }

    private @Nullable Refusal refusal(Interests.Viewer viewer, long offset) {
        Caller caller = viewer.caller();
        if (!caller.principal().equals(owner.principal()) || !caller.role().equals(owner.role())) {
            return Refusal.OTHER_CALLER;
        } else if (ended || isExpired()) {
            return Refusal.EXPIRED;
        }
        ring.trim(home.now());
        if (torn) {
            return Refusal.OVERFLOW;
        } else if (offset > sent) {
            return Refusal.UNKNOWN_OFFSET;
        } else if (offset < ring.floor()) {
            return ring.lost();
        }
        boolean mayStillSee = ring.after(offset).stream().allMatch(entry -> viewer.maySee(entry.news().audience()));
        return mayStillSee ? null : Refusal.SCOPES_CHANGED;
    }

    // ---- a connection goes ----

    /// The connection is gone; what comes is kept for the next one.
    public void detach(Outlet old) {
        Handle displaced;
        synchronized (this) {
            displaced = old.equals(outlet) ? park() : null;
        }
        if (displaced != null) {
            displaced.displace();
        }
    }

    /// The authority the connection lived on was withdrawn, and the handle with it.
    public synchronized void revoke(Outlet old) {
        if (old.equals(outlet)) {
            end();
        }
    }

    /// Makes room for others, unless somebody is connected.
    synchronized void displace() {
        if (outlet == null) {
            end();
        }
    }

    /// @return the handle that must make room for this one
    private @Nullable Handle park() {
        outlet = null;
        if (ended) {
            return null;
        }
        parkedSince = home.now();
        parkedCost = interests.cost();
        return home.park(this, parkedCost);
    }

    private void unpark() {
        home.unpark(this, parkedCost);
        parkedCost = 0;
    }

    private void end() {
        ended = true;
        torn = true;
        outlet = null;
        ring.clear();
        unpark();
        home.forget(this);
    }

    private boolean isExpired() {
        return outlet == null && home.now() - parkedSince > home.room().age().toMillis();
    }

    // ---- time and room ----

    /// Forgets what is too old, itself as well.
    synchronized void sweep() {
        if (isExpired()) {
            end();
        } else {
            ring.trim(home.now());
        }
    }

    /// Forgets what it keeps, and goes on.
    synchronized void empty() {
        ring.clear();
        torn = torn || ring.floor() > sent;
    }

    /// What it keeps, in bytes.
    long bytes() {
        return ring.bytes();
    }

    String text() {
        return text;
    }

    String principal() {
        return owner.principal();
    }

    // ---- Subscriber ----

    @Override
    public String id() {
        return text;
    }

    @Override
    public boolean wants(News news) {
        return !torn && interests.wants(news);
    }

    @Override
    public void deliver(News news) {
        Outlet current;
        Offer offer;
        Handle displaced = null;
        synchronized (this) {
            current = outlet;
            offer = current == null ? Offer.CLOSED : current.offer(news, last + 1);
            record(news, offer);
            if (offer == Offer.OVERFLOW) {
                displaced = park(); // nothing may follow on a connection that did not get this one
            }
        }
        if (current != null) {
            current.offered(offer);
        }
        if (displaced != null) {
            displaced.displace();
        }
        home.watch();
    }

    /// A client that is away is one that reads slowly: what it may miss does not crowd out what it may not. News that were
    /// left out have no number, here as there.
    private void record(News news, Offer offer) {
        long cost = Ring.cost(news);
        boolean away = offer == Offer.CLOSED;
        boolean leftOut = cost > home.room().ring()
                || (news.droppable() && unsentBytes + cost > home.room().ring() / 2);
        if (torn || offer == Offer.DROPPED || (away && leftOut)) {
            return;
        }
        ring.add(new Ring.Entry(++last, news, home.now()));
        if (offer == Offer.QUEUED) {
            sent = last;
        } else {
            unsentBytes += cost;
            tear();
        }
    }

    /// Once something is forgotten that was never sent, nobody can go on: nothing more is kept for nobody.
    private void tear() {
        if (ring.floor() > sent) {
            torn = true;
            ring.clear();
        }
    }

    @Override
    public boolean subscribe(News.Topic topic) {
        return interests.subscribe(topic);
    }

    @Override
    public boolean follows(News.Topic topic) {
        return !torn && interests.follows(topic);
    }

    @Override
    public void unsubscribe(News.Topic topic) {
        interests.unsubscribe(topic);
    }
}
