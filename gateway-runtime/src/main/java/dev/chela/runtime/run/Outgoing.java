package dev.chela.runtime.run;

import dev.chela.runtime.store.OutboxTable.Address;
import dev.chela.runtime.store.Tx;

/// Takes answers that are to be sent through channels.
public interface Outgoing {

    /// Adds an answer in the transaction that writes it down: either both are on the disk or neither.
    void add(Tx tx, Ask ask, String text);

    /// Called once that transaction is committed.
    void added(Address address);
}
