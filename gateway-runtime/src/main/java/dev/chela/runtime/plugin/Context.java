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
    private volatile Map<String, EventType<?>> events = Map.of();
    private volatile boolean ended;

    /// What is lent.
    ///
    /// @param folder makes the plugin's own folder
    /// @param settings the plugin's settings as they are now
    /// @param publish tells news
    record Loan(Supplier<Path> folder, Supplier<OwnSettings> settings, Map<String, String> environment,
            InstantSource clock,
            Sessions sessions, JsonCodec codec, BiConsumer<EventType<?>, Object> publish) {}

    Context(Descriptor descriptor, Loan loan) {
        this.descriptor = descriptor;
        this.loan = loan;
        this.log = System.getLogger("plugin." + descriptor.id());
    }

    /// Lets the plugin tell news of these types.
    void opened(Map<String, EventType<?>> types) {
        events = Map.copyOf(types);
    }

    /// Lends nothing any more; a thread the plugin left behind may still try.
    void end() {
        ended = true;
        events = Map.of();
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
        OwnSettings own = loan.settings().get();
        try {
            return loan.codec().bind(own.value(), type);
        } catch (BindException e) {
            throw new IllegalArgumentException(e.problems().stream().map(Problem::forPerson)
                    .map(problem -> own.path() + "." + problem).collect(Collectors.joining("; ")), e);
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
                if (!type.equals(events.get(type.name()))) {
                    throw new IllegalArgumentException("plugin '" + id() + "' did not register event '" + type.name()
                            + "' like this");
                } else if (!type.payload().isInstance(payload)) {
                    throw new IllegalArgumentException("event '" + type.name() + "' carries "
                            + type.payload().getName() + ", not " + className(payload));
                }
                loan.publish().accept(type, payload);
            }
        };
    }

    private static String className(@Nullable Object payload) {
        return payload == null ? "null" : payload.getClass().getName();
    }

    @Override
    public Sessions sessions() {
        if (ended) {
            throw new IllegalStateException("plugin '" + id() + "' is closed");
        }
        return loan.sessions();
    }

    @Override
    public System.Logger log() {
        return log;
    }
}
