package dev.chela.api.rpc;

/// What a connection is: a person's client or a device that works for us. An open set.
///
/// @param name as in the `connect` frame
public record Role(String name) {

    /// A client that asks.
    public static final Role OPERATOR = new Role("operator");

    /// A device that does things for us.
    public static final Role NODE = new Role("node");
}
