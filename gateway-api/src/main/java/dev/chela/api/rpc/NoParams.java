package dev.chela.api.rpc;

import dev.chela.api.json.Open;

/// The params of a method that takes none; whatever a client sends is ignored.
@Open
public record NoParams() {}
