package dev.chela.runtime.dispatch;

import dev.chela.runtime.lifecycle.Owner;

/// The core as the owner of its own methods: it is never unloaded, and brings no threads of its own.
public enum Core implements Owner {

    /// The only one.
    CORE;

    @Override
    public String id() {
        return "core";
    }

    @Override
    public boolean enter() {
        return true;
    }

    @Override
    public void leave() {}

    @Override
    public boolean runShort(Runnable work) {
        work.run();
        return true;
    }

    @Override
    public void awaitQuiet() {}

    @Override
    public boolean pause() {
        return true;
    }

    @Override
    public void resume() {}

    @Override
    public boolean runWaiting(Runnable work) {
        work.run();
        return true;
    }
}
