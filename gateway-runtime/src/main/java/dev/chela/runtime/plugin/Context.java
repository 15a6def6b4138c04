package dev.chela.runtime.plugin;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.chela.api.PluginContext;
import dev.chela.api.config.Settings;
import dev.chela.api.event.EventType;
import dev.chela.api.event.Events;
import dev.chela.api.json.Json;
import dev.chela.api.json.JsonTexts;
import dev.chela.api.session.Sessions;
import dev.chela.runtime.json.BindException;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.Problem;

import org.jspecify.annotations.Nullable;

/// What the gateway lends one generation of a plugin.
final class Context implements PluginContext {

    private final Descriptor descriptor;
    private final Loan loan;
    private final System.Logger log;
    private volatile @Nullable Registrations registrations;

    /// What is lent.
    ///
    /// @param folder makes the plugin's own folder
    /// @param settings the plugin's settings as they are now
    /// @param publish tells news
    record Loan(Supplier<Path> folder, Supplier<Json> settings, Map<String, String> environment, InstantSource clock,
            Sessions sessions, JsonCodec codec, BiConsumer<EventType<?>, Object> publish) {}

    Context(Descriptor descriptor, Loan loan) {
        this.descriptor = descriptor;
        this.loan = loan;
        this.log = System.getLogger("plugin." + descriptor.id());
    }

    void registered(Registrations all) {
        registrations = all;
    }

    @Override
    public String id() {
        return descriptor.id();
    }

    @Override
    public String version() {
        return descriptor.version();
    }

    @Override
    public Path stateFolder() {
        return loan.folder().get();
    }

    @Override
    public <C extends Record> Settings<C> settings(Class<C> type) {
        C bound = bind(type);
        return () -> bound;
    }

    private <C extends Record> C bind(Class<C> type) {
        try {
            return loan.codec().bind(loan.settings().get(), type);
        } catch (BindException e) {
            throw new IllegalArgumentException(e.problems().stream().map(Problem::forPerson)
                    .map(problem -> "plugins.entries." + id() + ".config." + problem).collect(Collectors.joining("; ")),
                    e);
        }
    }

    @Override
    public Map<String, String> environment() {
        return loan.environment();
    }

    @Override
    public InstantSource clock() {
        return loan.clock();
    }

    @Override
    public JsonTexts json() {
        return loan.codec();
    }

    @Override
    public Events events() {
        return new Events() {
            @Override
            public <P> void publish(EventType<P> type, P payload) {
                Registrations all = registrations;
                if (all == null || !type.equals(all.events().get(type.name()))) {
                    throw new IllegalArgumentException("plugin '" + id() + "' did not register event '" + type.name()
                            + "'");
                }
                loan.publish().accept(type, payload);
            }
        };
    }

    @Override
    public Sessions sessions() {
        return loan.sessions();
    }

    @Override
    public System.Logger log() {
        return log;
    }
}
