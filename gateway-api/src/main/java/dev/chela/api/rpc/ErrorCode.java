package dev.chela.api.rpc;

import java.io.Serializable;

/// The kind of a failed call, as clients see it. An open set: the constants are those of the protocol.
///
/// @param name such as `INVALID_REQUEST`
public record ErrorCode(String name) implements Serializable {

    /// The caller asked for something that makes no sense; asking again will not help.
    public static final ErrorCode INVALID_REQUEST = new ErrorCode("INVALID_REQUEST");

    /// The gateway or what stands behind it could not do it.
    public static final ErrorCode UNAVAILABLE = new ErrorCode("UNAVAILABLE");

    /// The device has not been let in.
    public static final ErrorCode NOT_PAIRED = new ErrorCode("NOT_PAIRED");

    /// The caller lacks a scope (protocol 4).
    public static final ErrorCode FORBIDDEN = new ErrorCode("FORBIDDEN");
}
