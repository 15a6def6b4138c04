package dev.chela.api.hook;

/// The gateway answers on its port; observe.
///
/// @param port the port it is bound to
public record GatewayStarted(int port) {}
