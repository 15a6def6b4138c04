package dev.chela.api.channel;

/// One login of a channel. Immutable.
///
/// @param <S> the channel's settings
/// @param id its name in the configuration, lower case; `default` where the channel has only one
/// @param settings what it is configured with
public record Account<S extends Record>(String id, S settings) {}
