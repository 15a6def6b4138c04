package dev.chela.api;

/// A unit of extension: one per jar, named in `META-INF/services/dev.chela.api.GatewayPlugin`.
///
/// The jar's manifest says who it is: `Plugin-Id` (required; lower-case letters, digits and dashes), `Plugin-Version`
/// (required; semantic version), `Plugin-Requires` (range of API versions, such as `>=0.1.0 & <1.0.0`),
/// `Plugin-Dependencies` (ids of other plugins, each with an optional `@` and range, and a `?` if it can be missing),
/// `Plugin-Config` (the top-level section of the configuration that holds the plugin's settings, if that is not
/// `plugins.entries.<id>.config`; no name of the gateway's own and no other plugin's), `Plugin-Activation: config` (the
/// jar is not opened beyond its manifest unless the plugin's settings hold something, be it in its section or in
/// `plugins.entries.<id>.config`; empty objects and lists are nothing).
public interface GatewayPlugin {

    /// Tells the gateway what this plugin brings. Called once per loading, before anything of it is visible.
    ///
    /// A transaction: an exception, a name taken or reserved, a method without scope or a route without door refuses
    /// the whole plugin, and nothing of it remains. Must be quick; start work in a [Service].
    void register(Registrar registrar) throws Exception;

    /// Called once after [#register] and before anything becomes visible; throw to refuse to serve.
    ///
    /// May block for some seconds, such as to look whether something outside can be reached.
    default void check(PluginContext context) throws Exception {}

    /// Called once when the gateway no longer uses anything of this loading, also after a failed start.
    ///
    /// Release what only the plugin knows of: threads, clients, files.
    default void close() throws Exception {}
}
