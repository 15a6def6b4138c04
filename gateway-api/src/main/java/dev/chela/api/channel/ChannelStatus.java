package dev.chela.api.channel;

/// How an account is.
///
/// @param connected whether messages come and go
/// @param detail one line for operators, empty if there is nothing to say; without secrets
public record ChannelStatus(boolean connected, String detail) {

    /// All is well.
    public static ChannelStatus up() {
        return new ChannelStatus(true, "");
    }

    /// It does not work at the moment.
    public static ChannelStatus down(String why) {
        return new ChannelStatus(false, why);
    }
}
