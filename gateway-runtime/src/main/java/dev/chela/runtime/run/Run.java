package dev.chela.runtime.run;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.chela.api.session.SessionKey;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.store.RunTable.RunRow;

import org.jspecify.annotations.Nullable;

/// A run that has been accepted and has not ended: its growing answer, who waits for it, and how to stop it.
///
/// Its own lock guards everything that changes; events are told outside of it.
public final class Run {

    private final RunRow row;
    private final SessionKey session;
    private final Ask.Options options;
    private final StringBuilder text = new StringBuilder();
    private final List<Consumer<RunEnd>> waiters = new ArrayList<>();
    private @Nullable RunEnd end;
    private @Nullable String abortReason;
    private @Nullable Thread thread;
    private @Nullable Future<?> deadline;
    private final Object telling = new Object();
    private long encoded;
    private boolean shown;
    private final Set<String> tried = new HashSet<>();
    private @Nullable List<String> notes;
    private long place;
    private boolean claimed;
    private @Nullable String said;
    private long startedAt;
    private int told;
    private long toldAt;
    private boolean tellLater;
    private long seq;
    private int kept;
    private final StringBuilder written = new StringBuilder();
    private int writtenTo;
    private volatile String asker = "";
    private volatile String verbose = "on";

    Run(RunRow row, SessionKey session, Ask.Options options) {
        this.row = row;
        this.session = session;
        this.options = options;
        this.shown = row.shown();
        this.place = row.entrySeq();
    }

    /// Its id, chosen by the client.
    public String id() {
        return row.id();
    }

    /// Its session.
    public SessionKey session() {
        return session;
    }

    /// What else was asked for.
    Ask.Options options() {
        return options;
    }

    /// What was asked.
    Ask ask() {
        return new Ask(row.id(), row.method(), row.principal(), session, row.message(), options);
    }

    /// What becomes of it while another one is at work. What answers without an engine takes its own turn, and so does what
    /// something came with: only words can be put together with others.
    QueueMode mode() {
        QueueMode mode = options.mode() == null || options.command() != null ? QueueMode.FOLLOWUP : options.mode();
        return options.attachments() != null && mode != QueueMode.INTERRUPT ? QueueMode.FOLLOWUP : mode;
    }

    /// How it was stored.
    RunRow row() {
        return row;
    }

    /// Notes the subscriber that asked for it, or asked again.
    public void askedBy(String subscriber) {
        asker = subscriber;
    }

    /// Notes how much of the use of tools is shown: `off`, `on` or `full`.
    void verbose(String level) {
        verbose = level;
    }

    /// How much of the use of tools is shown.
    String verbose() {
        return verbose;
    }

    /// The subscriber that asked for it; empty if none did.
    String asker() {
        return asker;
    }

    /// Whether it is shown in chats.
    boolean isVisible() {
        return options.source() == null;
    }

    /// When an engine began, ms; 0 if none has.
    public synchronized long startedAt() {
        return startedAt;
    }

    /// The answer so far.
    public synchronized String text() {
        return text.toString();
    }

    /// What is to be added for new text: what comes behind a tool does not run into what was said before it.
    synchronized String joined(String delta) {
        boolean abuts = kept > 0 && kept == text.length() && !Character.isWhitespace(text.charAt(kept - 1));
        return abuts ? "\n\n" + delta : delta;
    }

    /// Takes the text that no message of the transcript has yet; the next one begins behind it.
    synchronized String takeText() {
        String taken = text.substring(kept).strip();
        kept = text.length();
        return taken;
    }

    /// The part of the whole answer that no message of the transcript has yet. An answer that does not begin with what
    /// was taken is another one than was said, and stays whole.
    synchronized String untaken(String whole) {
        String taken = written.toString();
        if (kept == 0 || !(whole.startsWith(taken) || taken.startsWith(whole))) {
            return whole;
        }
        return whole.substring(Math.min(taken.length(), whole.length())).stripLeading();
    }

    /// Notes how the text that was taken stands in the transcript, where plugins may have changed it.
    ///
    /// @param taken as it was taken
    synchronized void wrote(String taken, String stands) {
        String raw = text.substring(writtenTo, kept);
        int at = raw.indexOf(taken);
        written.append(raw, 0, at).append(stands).append(raw, at + taken.length(), raw.length());
        writtenTo = kept;
    }

    /// The whole answer as it stands or will stand in the transcript.
    ///
    /// @param rest how the part that no message has yet will stand there
    synchronized String whole(String rest) {
        return written + rest;
    }

    /// The part of the answer so far that no message of the transcript has yet.
    synchronized String rest() {
        return text.substring(writtenTo);
    }

    /// Counts what is about to be added.
    ///
    /// @return false if the answer would be too long, in bytes of JSON
    synchronized boolean grows(String delta, int max) {
        encoded += JsonText.encodedLength(delta);
        return encoded <= max;
    }

    /// Tells something about the run: one thing after the other, as they happened.
    void telling(Runnable news) {
        synchronized (telling) {
            news.run();
        }
    }

    /// Tells how it ended; at once if it has.
    public void whenEnded(Consumer<RunEnd> waiter) {
        RunEnd already;
        synchronized (this) {
            already = end;
            if (already == null) {
                waiters.add(waiter);
            }
        }
        if (already != null) {
            waiter.accept(already);
        }
    }

    /// Forgets somebody who waited.
    public void forget(Consumer<RunEnd> waiter) {
        synchronized (this) {
            waiters.remove(waiter);
        }
    }

    /// A thread begins to work on it.
    ///
    /// @return whether it is the first one
    synchronized boolean begin(Thread runner, long now) {
        thread = runner;
        boolean first = startedAt == 0;
        startedAt = first ? now : startedAt;
        if (abortReason != null) {
            runner.interrupt();
        }
        return first;
    }

    /// Where its message stands in the transcript; 0 if it has no place yet.
    synchronized long place() {
        return place;
    }

    /// What its engine is asked: its own message, and those of the runs it took over.
    synchronized String message() {
        return said == null ? row.message() : said;
    }

    synchronized void says(String message) {
        said = message;
    }

    synchronized void place(long seq) {
        place = seq;
    }

    /// The notes that waited for it; taken once, however many models are asked.
    synchronized List<String> notes(Supplier<List<String>> waiting) {
        if (notes == null) {
            notes = waiting.get();
        }
        return notes;
    }

    /// Takes the next model to ask after one has failed, unless something of an answer was shown.
    ///
    /// @param failed never asked again
    synchronized Optional<String> nextModel(@Nullable String failed, List<String> fallbacks) {
        if (failed != null) {
            tried.add(failed);
        }
        return shown || end != null || abortReason != null
                ? Optional.empty()
                : fallbacks.stream().filter(tried::add).findFirst();
    }

    /// Whether an engine's thread is in it.
    synchronized boolean isAtWork() {
        return thread != null;
    }

    synchronized void leaveThread() {
        thread = null;
    }

    synchronized void expiresBy(Future<?> timer) {
        deadline = timer;
    }

    /// Marks it as stopped.
    ///
    /// @return whether it was not stopped before
    synchronized boolean abort(String reason) {
        if (end != null || abortReason != null || claimed) {
            return false;
        }
        abortReason = reason;
        if (thread != null) {
            thread.interrupt();
        }
        return true;
    }

    /// Holds it for another run that is about to take it over: nobody stops it meanwhile.
    ///
    /// @return false if it was stopped before
    synchronized boolean claim() {
        claimed = end == null && abortReason == null;
        return claimed;
    }

    /// It was not taken over.
    synchronized void unclaim() {
        claimed = false;
    }

    synchronized Optional<String> abortReason() {
        return Optional.ofNullable(abortReason);
    }

    /// Leaves it to the next start, unless something of its answer was shown.
    ///
    /// @return whether it was left
    synchronized boolean leave(RunEnd how) {
        if (shown || end != null) {
            return false;
        }
        abort("interrupted");
        return end(how) != null;
    }

    /// Ends it once.
    ///
    /// @return who waits; null if it had ended before
    synchronized @Nullable List<Consumer<RunEnd>> end(RunEnd how) {
        if (end != null) {
            return null;
        }
        end = how;
        if (deadline != null) {
            deadline.cancel(false);
        }
        return List.copyOf(waiters);
    }

    synchronized boolean isEnded() {
        return end != null;
    }

    /// Whether it is on the disk that something of the answer may have been seen.
    synchronized boolean isShown() {
        return shown;
    }

    /// Notes that this is on the disk now.
    synchronized void shown() {
        shown = true;
    }

    synchronized long nextSeq() {
        return ++seq;
    }

    /// What is to be done about new text.
    enum Tell {
        NOW, LATER, NOT_YET
    }

    synchronized Tell append(String delta, long now, long pauseMs) {
        text.append(delta);
        if (now - toldAt >= pauseMs) {
            return Tell.NOW;
        } else if (tellLater) {
            return Tell.NOT_YET;
        }
        tellLater = true;
        return Tell.LATER;
    }

    /// The part of the answer that was not told yet, and the whole; empty if there is nothing new.
    synchronized Optional<Progress> takeUntold(long now) {
        tellLater = false;
        if (told == text.length() || end != null) {
            return Optional.empty();
        }
        var progress = new Progress(text.substring(told), text.toString());
        told = text.length();
        toldAt = now;
        return Optional.of(progress);
    }

    /// New text and the whole answer with it.
    record Progress(String delta, String whole) {}
}
