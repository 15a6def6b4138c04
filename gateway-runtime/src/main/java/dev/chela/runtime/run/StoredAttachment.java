package dev.chela.runtime.run;

import java.util.List;

import dev.chela.api.agent.Attachment;
import dev.chela.runtime.session.Attached;
import dev.chela.runtime.store.Store;

/// A picture or file of a message as plugins see it; its content stays in the store until it is asked for.
record StoredAttachment(Store store, Attached about) implements Attachment {

    static List<Attachment> of(Store store, List<Attached> all) {
        return all.stream().<Attachment>map(one -> new StoredAttachment(store, one)).toList();
    }

    @Override
    public String name() {
        return about.name();
    }

    @Override
    public String mimeType() {
        return about.mimeType();
    }

    @Override
    public long size() {
        return about.size();
    }

    @Override
    public boolean isImage() {
        return about.isImage();
    }

    @Override
    public byte[] bytes() {
        return store.read(tx -> tx.attachments().content(about.hash())).orElseThrow(
                () -> new IllegalStateException("attachment '" + about.name() + "' was deleted with its session"));
    }

    @Override
    public String toString() {
        return about.name();
    }
}
