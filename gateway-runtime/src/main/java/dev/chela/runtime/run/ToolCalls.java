package dev.chela.runtime.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import dev.chela.api.agent.Message;
import dev.chela.api.agent.Model;
import dev.chela.api.agent.ToolOffer;
import dev.chela.api.agent.ToolResult;
import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.session.ToolEntries;
import dev.chela.runtime.store.EntryTable.Cost;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.Tx;
import dev.chela.runtime.store.Work;

import org.jspecify.annotations.Nullable;

/// The tools of one turn: offered to its engine, called for it, noted in the transcript and told to clients.
///
/// A call is noted before the tool runs and its result when it has, so that what a tool may have done can be seen even
/// if the gateway dies meanwhile.
final class ToolCalls {

    /// A model that never stops calling is stopped here.
    static final int MAX_CALLS = 50;
    private static final int MAX_ID = 256;
    private static final int MAX_ARGUMENTS = 256 << 10;
    private static final int MAX_NAME_SHOWN = 64;

    private final Runs.Parts parts;
    private final RunHooks hooks;
    private final Run run;
    private final Of of;
    private final AtomicInteger calls = new AtomicInteger();

    /// The turn they belong to.
    ///
    /// @param deadline when the run is aborted
    /// @param tellText tells what was said so far and not told yet
    record Of(@Nullable Model model, Instant deadline, Runnable tellText) {}

    ToolCalls(Runs.Parts parts, RunHooks hooks, Run run, Of of) {
        this.parts = parts;
        this.hooks = hooks;
        this.run = run;
        this.of = of;
    }

    Instant deadline() {
        return of.deadline();
    }

    List<ToolOffer> offers() {
        return parts.tools().of(agent()).stream()
                .map(entry -> new ToolOffer(entry.name(), entry.tool().description(), entry.schema())).toList();
    }

    private String agent() {
        return run.session().agent();
    }

    ToolResult call(String id, String name, Json arguments) throws InterruptedException {
        stopIfAborted();
        if (calls.incrementAndGet() > MAX_CALLS) {
            return ToolResult.error("no more than " + MAX_CALLS
                    + " tools may be called in one turn; answer with what you have");
        }
        var call = new Message.Call(id, name, arguments);
        Optional<String> flaw = flaw(call);
        if (flaw.isPresent()) {
            return ToolResult.error(flaw.get());
        }
        Optional<Tools.Entry> entered = parts.tools().enter(agent(), name);
        return entered.isPresent() ? call(entered.get(), call) : ToolResult.error(unknown(name));
    }

    private void stopIfAborted() throws InterruptedException {
        if (Thread.interrupted() || run.isEnded()) {
            throw new InterruptedException("the run " + run.id() + " was stopped");
        }
    }

    /// What is wrong with a call that could not even be noted.
    private static Optional<String> flaw(Message.Call call) {
        if (call.id().isEmpty() || call.id().length() > MAX_ID) {
            return Optional.of("the id of a call must have 1 to " + MAX_ID + " characters");
        } else if (!(call.arguments() instanceof Json.Obj)) {
            return Optional.of("the arguments of a call must be an object");
        }
        try {
            return ToolEntries.ofCall(call).length() > MAX_ARGUMENTS
                    ? Optional.of("the arguments of a call must not be larger than " + (MAX_ARGUMENTS >> 10) + " KiB")
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("the arguments of a call cannot be used: " + e.getMessage());
        }
    }

    private String unknown(String name) {
        String there = offers().stream().map(ToolOffer::name).collect(Collectors.joining(", "));
        return "there is no tool '" + JsonText.cut(name, MAX_NAME_SHOWN) + "'; "
                + (there.isEmpty() ? "there are none at all" : "there are: " + there);
    }

    private ToolResult call(Tools.Entry entered, Message.Call call) throws InterruptedException {
        boolean handedOn = false;
        try {
            of.tellText().run();
            noteCall(call);
            run.telling(() -> parts.news().toolCalled(run, call));
            Instant now = parts.clock().instant();
            Duration left = Duration.between(now, of.deadline());
            Duration limit = left.compareTo(entered.tool().timeLimit()) < 0 ? left : entered.tool().timeLimit();
            var order = new ToolRun.Order(call.arguments(), new ToolRun.Call(call.id(), Optional.of(run.id()),
                    run.session(), now.plus(limit)), limit);
            handedOn = true;
            ToolResult result = ToolRun.start(entered, order, parts.threads(), parts.hooks()).await();
            noteResult(call, result);
            run.telling(() -> parts.news().toolAnswered(run, call, result));
            return result;
        } finally {
            if (!handedOn) {
                entered.owner().leave();
            }
        }
    }

    // ---- the transcript ----

    /// From here on the run counts as having shown something: what a tool does cannot be taken back.
    private void noteCall(Message.Call call) throws InterruptedException {
        boolean first = !run.isShown();
        String said = run.takeText();
        String text = hooks.written(run, said);
        run.wrote(said, text);
        Work<Optional<Entry>> note = tx -> {
            if (first) {
                tx.runs().shown(run.row());
            }
            return add(tx, "assistant", text, ToolEntries.ofCall(call));
        };
        // A run whose tool was called must not run again, not even after a loss of power.
        Optional<Entry> noted = first ? parts.store().write(note) : parts.store().note(note);
        run.shown();
        parts.news().messageAdded(run.session(),
                noted.orElseThrow(() -> new InterruptedException("the run " + run.id() + " was stopped")));
    }

    private void noteResult(Message.Call call, ToolResult result) throws InterruptedException {
        Optional<Entry> noted = parts.store().note(tx -> add(tx, ToolEntries.RESULT, result.text(),
                ToolEntries.ofResult(call, result.isError())));
        parts.news().messageAdded(run.session(),
                noted.orElseThrow(() -> new InterruptedException("the run " + run.id() + " was stopped")));
    }

    /// Nothing comes into a transcript behind the end of its run.
    private Optional<Entry> add(Tx tx, String role, String text, String content) {
        boolean over = run.isEnded()
                || tx.runs().find(run.row().method(), run.row().principal(), run.row().id())
                        .filter(row -> !row.state().isFinal()).isEmpty();
        if (over) {
            return Optional.empty();
        }
        boolean called = !role.equals(ToolEntries.RESULT);
        Cost cost = of.model() == null || !called
                ? Cost.NONE
                : new Cost(of.model().provider(), of.model().id(), 0, 0, 0);
        return Optional.of(tx.entries().add(new Entry(UUID.randomUUID().toString(), run.row().sessionId(), 0, role,
                text, parts.clock().millis(), run.id(), called ? "toolUse" : null, null, cost, content)));
    }
}
