package dev.chela.api.config;

/// A live view of a plugin's settings: the section of the configuration that its manifest names, else
/// `plugins.entries.<id>.config`.
///
/// @param <C> the record the settings are bound to; a component that is not `@Nullable` is required
public interface Settings<C extends Record> {

    /// The settings as of now. Never blocks; after a change of the configuration the next call answers the new value.
    C current();
}
