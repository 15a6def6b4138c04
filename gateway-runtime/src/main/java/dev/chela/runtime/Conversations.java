package dev.chela.runtime;

import java.time.ZoneId;
import java.util.List;

import dev.chela.api.session.Sessions;
import dev.chela.runtime.channel.Channels;
import dev.chela.runtime.delivery.Arrivals;
import dev.chela.runtime.delivery.Bindings;
import dev.chela.runtime.delivery.Deliveries;
import dev.chela.runtime.delivery.DeliveryNews;
import dev.chela.runtime.event.Broadcaster;
import dev.chela.runtime.hook.Hooks;
import dev.chela.runtime.method.SessionViews;
import dev.chela.runtime.run.Agents;
import dev.chela.runtime.run.ChatCommands;
import dev.chela.runtime.run.Commands;
import dev.chela.runtime.run.Engines;
import dev.chela.runtime.run.PluginSessions;
import dev.chela.runtime.run.RunNews;
import dev.chela.runtime.run.Runs;
import dev.chela.runtime.run.SessionEdits;
import dev.chela.runtime.run.Toolbox;
import dev.chela.runtime.run.Tools;
import dev.chela.runtime.session.Notes;
import dev.chela.runtime.session.ResetPolicy;
import dev.chela.runtime.session.SessionKeys;
import dev.chela.runtime.store.Store;

/// Everything about chat sessions: who answers, what was said, what is being answered.
final class Conversations {

    final Agents agents;
    final Toolbox tools;
    final SessionKeys keys;
    final Notes notes = new Notes();
    final Store store;
    final Runs runs;
    final SessionEdits edits;
    final SessionViews views;
    final ChatCommands chat;
    final Deliveries deliveries;
    final Channels channels;
    private volatile Engines engines = new Engines(List.of());
    private volatile Commands commands = new Commands(List.of());

    Conversations(Options options, Ground ground, Broadcaster broadcaster, Hooks hooks) {
        agents = new Agents(ground.config::config, () -> engines);
        tools = new Toolbox(ground.config::config);
        keys = new SessionKeys(agents::roster);
        store = ground.store();
        var news = new RunNews(broadcaster, options.clock());
        deliveries = new Deliveries(new Deliveries.Parts(store, ground.threads, options.clock(), hooks,
                new DeliveryNews(broadcaster, options.clock()), news, options.pace().deliveries()));
        var parts = new Runs.Parts(store, agents, tools, notes, news, ground.threads, options.clock(), () -> commands,
                () -> ResetPolicy.of(ground.config.config(), ZoneId.systemDefault()), hooks, deliveries);
        runs = new Runs(parts);
        edits = new SessionEdits(parts, runs, ground.config::config);
        views = new SessionViews(store, runs, agents, keys);
        chat = new ChatCommands(parts, runs, edits);
        var arrivals = new Arrivals(runs, chat,
                () -> new Bindings(ground.config.config(), agents.roster().defaultId()));
        channels = new Channels(new Channels.Parts(ground.config::config, ground.threads, options.clock(), arrivals,
                deliveries, options.pace().channels()));
        deliveries.carryBy(channels);
        news.showRowsBy(views::row);
    }

    /// Replaces what answers, and what may be called for that.
    void answerBy(Engines newEngines, Commands newCommands, Tools newTools) {
        engines = newEngines;
        commands = newCommands;
        agents.enginesChanged();
        tools.replace(newTools);
    }

    /// The sessions as a plugin sees them.
    Sessions forPlugin(String id) {
        return new PluginSessions(id, keys, notes, runs);
    }
}
