package dev.chela.api.hook;

/// The gateway is about to stop: everything still works, nothing new is admitted; observe.
///
/// @param reason such as `gateway stopping`
public record GatewayStopping(String reason) {}
