package dev.chela.runtime.bench;

/// What a measurement tells.
public enum Figure {

    /// Operations that were counted.
    COUNT("count", "operations", false),
    /// Operations per second.
    PER_SECOND("opsPerSecond", "per second", true),
    /// The median.
    P50("p50Us", "p50, us", true),
    /// The slowest hundredth begins here.
    P99("p99Us", "p99, us", true),
    /// The slowest thousandth begins here.
    P999("p999Us", "p99.9, us", false),
    /// The slowest.
    MAX("maxUs", "slowest, us", false),
    /// Until the last client had an event: the median.
    LAST_P50("lastP50Us", "last client p50, us", true),
    /// Until the last client had an event: the slowest hundredth begins here.
    LAST_P99("lastP99Us", "last client p99, us", false),
    /// The server's CPU time per operation.
    SERVER_CPU_PER_OP("serverCpuUsPerOp", "server CPU per operation, us", true),
    /// The server's CPU time.
    SERVER_CPU("serverCpuPercent", "server CPU, % of a core", false),
    /// The server's memory at the end.
    SERVER_RSS("serverRssMib", "server memory, MiB", false),
    /// The server's memory for each connection.
    RSS_PER_CONNECTION("rssKibPerConnection", "server memory per connection, KiB", false),
    /// From exec to an open port.
    PORT_MS("execToPortMs", "exec to open port, ms", false),
    /// From exec to the first hello-ok.
    HELLO_MS("execToHelloMs", "exec to hello-ok, ms", true),
    /// CPU time until then.
    HELLO_CPU_MS("cpuMsAtHello", "CPU until then, ms", true),
    /// From SIGTERM to the end of the process.
    EXIT_MS("termToExitMs", "SIGTERM to exit, ms", true),
    /// The load client's own CPU time.
    CLIENT_CPU("clientCpuPercent", "load client CPU, % of a core", false),
    /// CPU time of everything else: a run with much of it was disturbed.
    OTHERS_CPU("othersCpuPercent", "CPU of others, % of a core", false),
    /// Operations that failed.
    ERRORS("errors", "errors", false);

    private final String key;
    private final String label;
    private final boolean compared;

    Figure(String key, String label, boolean compared) {
        this.key = key;
        this.label = label;
        this.compared = compared;
    }

    /// Its name in JSON.
    public String key() {
        return key;
    }

    /// Its name for people.
    public String label() {
        return label;
    }

    /// Whether a ratio of it makes sense.
    public boolean compared() {
        return compared;
    }
}
