package dev.chela.runtime.run;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import dev.chela.api.agent.Attachment;
import dev.chela.api.agent.Message;
import dev.chela.api.agent.Model;
import dev.chela.api.agent.ToolOffer;
import dev.chela.api.agent.ToolResult;
import dev.chela.api.agent.Turn;
import dev.chela.api.hook.PromptBuilding;
import dev.chela.api.json.Json;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.session.SessionSettings;
import dev.chela.runtime.session.Setting;
import dev.chela.runtime.store.Store;

/// A turn as its engine sees it.
final class LiveTurn implements Turn {

    private static final int MAX_HISTORY = 1000;

    private final Store store;
    private final Run run;
    private final Agents.Choice choice;
    private final SessionSettings settings;
    private final PromptBuilding prompt;
    private final Instant deadline;
    private final ToolCalls tools;
    private final Supplier<List<String>> steering;

    /// @param prompt what the engine is asked
    LiveTurn(Store store, Run run, Agents.Choice choice, SessionSettings settings, PromptBuilding prompt,
            ToolCalls tools, Supplier<List<String>> steering) {
        this.store = store;
        this.run = run;
        this.choice = choice;
        this.settings = settings;
        this.prompt = prompt;
        this.tools = tools;
        this.deadline = tools.deadline();
        this.steering = steering;
    }

    @Override
    public String runId() {
        return run.id();
    }

    @Override
    public SessionKey session() {
        return run.session();
    }

    @Override
    public String message() {
        return prompt.message();
    }

    @Override
    public List<Message> history(int limit) {
        int count = Math.clamp(limit, 1, MAX_HISTORY);
        return PastMessages
                .of(store.read(tx -> tx.entries().before(run.row().sessionId(), run.place(), count)),
                        one -> new StoredAttachment(store, one));
    }

    @Override
    public List<Attachment> attachments() {
        return StoredAttachment.of(store, run.ask().attached());
    }

    @Override
    public Optional<Model> model() {
        return Optional.ofNullable(choice.model());
    }

    @Override
    public Optional<String> systemPrompt() {
        return prompt.systemPrompt();
    }

    @Override
    public Optional<String> thinkingLevel() {
        return settings.get(Setting.THINKING);
    }

    @Override
    public Instant deadline() {
        return deadline;
    }

    @Override
    public List<String> steering() {
        return steering.get();
    }

    @Override
    public List<ToolOffer> tools() {
        return tools.offers();
    }

    @Override
    public ToolResult call(String callId, String name, Json arguments) throws InterruptedException {
        return tools.call(callId, name, arguments);
    }
}
