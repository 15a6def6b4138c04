package dev.chela.runtime.cli;

/// What the command line tells whoever started it.
final class ExitCode {

    /// All is well.
    static final int OK = 0;
    /// It could not be done.
    static final int FAILED = 1;
    /// The command was not understood.
    static final int USAGE = 2;
    /// Another gateway has the folder or the port, or the configuration cannot be used: starting again will not help.
    static final int UNUSABLE = 78;

    private ExitCode() {}
}
