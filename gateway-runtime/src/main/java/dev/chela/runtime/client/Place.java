package dev.chela.runtime.client;

/// Where a client is in its events; with it the next connection goes on.
///
/// @param handle the gateway's name for the events; empty to begin
/// @param offset of the last event that was dealt with; 0 if none was
public record Place(String handle, long offset) {

    /// The beginning.
    public static final Place START = new Place("", 0);
}
