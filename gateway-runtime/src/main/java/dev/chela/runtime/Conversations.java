package dev.chela.runtime;

import java.util.List;

import dev.chela.api.session.Sessions;
import dev.chela.runtime.event.Broadcaster;
import dev.chela.runtime.method.SessionViews;
import dev.chela.runtime.run.Agents;
import dev.chela.runtime.run.Engines;
import dev.chela.runtime.run.PluginSessions;
import dev.chela.runtime.run.RunNews;
import dev.chela.runtime.run.Runs;
import dev.chela.runtime.run.Toolbox;
import dev.chela.runtime.run.Tools;
import dev.chela.runtime.session.Notes;
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
    final SessionViews views;
    private volatile Engines engines = new Engines(List.of());

    Conversations(Options options, Ground ground, Broadcaster broadcaster) {
        agents = new Agents(ground.config::config, () -> engines);
        tools = new Toolbox(ground.config::config);
        keys = new SessionKeys(agents::roster);
        store = ground.store();
        var news = new RunNews(broadcaster, options.clock());
        runs = new Runs(new Runs.Parts(store, agents, tools, notes, news, ground.threads, options.clock()));
        views = new SessionViews(store, runs, agents, keys);
        news.showRowsBy(views::row);
    }

    /// Replaces the engines that answer and the tools they may call.
    void answerBy(Engines replacement, Tools called) {
        engines = replacement;
        agents.enginesChanged();
        tools.replace(called);
    }

    /// The sessions as a plugin sees them.
    Sessions forPlugin(String id) {
        return new PluginSessions(id, keys, notes, runs);
    }
}
