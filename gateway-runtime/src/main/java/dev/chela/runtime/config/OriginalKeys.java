package dev.chela.runtime.config;

import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Keys that the original's configuration has and this gateway does not use.
final class OriginalKeys {

    private static final Set<String> SECTIONS = Set.of("acp", "approvals", "audio", "auth", "broadcast",
            "browser", "canvasHost", "cli", "commands", "diagnostics", "discovery", "env", "hooks",
            "mcp", "media", "memory", "meta", "nodeHost", "secrets", "skills", "surfaces",
            "talk", "ui", "update", "web", "wizard");

    private static final Set<String> KEYS = Set.of("gateway.tailscale", "gateway.remote", "gateway.reload",
            "gateway.tls", "gateway.http", "gateway.nodes", "gateway.trustedProxies", "gateway.allowRealIpFallback",
            "gateway.tools", "gateway.roles", "gateway.push", "gateway.auth.allowTailscale", "gateway.auth.rateLimit",
            "gateway.auth.trustedProxy", "gateway.controlUi.enabled", "gateway.controlUi.basePath",
            "gateway.controlUi.root", "gateway.controlUi.allowInsecureAuth",
            "gateway.controlUi.dangerouslyDisableDeviceAuth",
            "gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback", "gateway.controlUi.embedSandbox",
            "gateway.controlUi.allowExternalEmbedUrls", "gateway.channelHealthCheckMinutes", "agents.entries",
            "agents.defaults.bootstrapMaxChars", "agents.defaults.blockStreamingBreak",
            "agents.defaults.blockStreamingChunk", "agents.defaults.blockStreamingCoalesce",
            "agents.defaults.blockStreamingDefault", "agents.defaults.cliBackends", "agents.defaults.compaction",
            "agents.defaults.contextPruning", "agents.defaults.contextTokens", "agents.defaults.elevatedDefault",
            "agents.defaults.envelopeElapsed", "agents.defaults.envelopeTimestamp",
            "agents.defaults.envelopeTimezone", "agents.defaults.heartbeat", "agents.defaults.humanDelay",
            "agents.defaults.imageModel", "agents.defaults.mediaMaxMb", "agents.defaults.memorySearch",
            "agents.defaults.model.fallbacks", "agents.defaults.models", "agents.defaults.pdfModel",
            "agents.defaults.repoRoot", "agents.defaults.sandbox", "agents.defaults.skipBootstrap",
            "agents.defaults.thinkingDefault", "agents.defaults.timeFormat",
            "agents.defaults.typingIntervalSeconds", "agents.defaults.typingMode", "agents.defaults.userTimezone",
            "agents.defaults.verboseDefault", "agents.defaults.workspace", "agents.list[].agentDir",
            "agents.list[].groupChat", "agents.list[].heartbeat", "agents.list[].humanDelay",
            "agents.list[].memorySearch", "agents.list[].model.fallbacks", "agents.list[].params",
            "agents.list[].sandbox", "agents.list[].skills", "agents.list[].subagents",
            "agents.list[].workspace", "models.mode", "models.bedrockDiscovery", "models.providers.*.auth",
            "models.providers.*.authHeader", "models.providers.*.headers", "models.providers.*.models[].api",
            "models.providers.*.models[].compat", "models.providers.*.models[].cost",
            "models.providers.*.models[].headers", "models.providers.*.request", "plugins.installs", "plugins.load",
            "plugins.slots", "plugins.entries.*.hooks.allowConversationAccess", "plugins.entries.*.env",
            "plugins.entries.*.apiKey",
            "logging.file", "logging.consoleLevel", "logging.consoleStyle", "logging.redactSensitive",
            "logging.redactPatterns", "logging.maxFileBytes");

    private static final Set<String> OF_SESSIONS = Set.of("agentToAgent", "idleMinutes", "mainKey", "maintenance",
            "parentForkMaxTokens", "resetByChannel", "resetByType", "resetTriggers", "scope", "store", "threadBindings",
            "typingIntervalSeconds", "typingMode", "writeLock");

    private static final Set<String> OF_MESSAGES = Set.of("ackReaction", "ackReactionScope", "groupChat", "inbound",
            "messagePrefix", "queue.byChannel", "queue.cap", "queue.debounceMs", "queue.debounceMsByChannel",
            "queue.drop",
            "removeAckAfterReply", "responsePrefix", "statusReactions", "suppressToolErrors", "tts");

    private static final Set<String> OF_CRON = Set.of("enabled", "failureAlert", "runLog", "sessionRetention",
            "skipMissedJobs", "store", "triggers", "webhook", "webhookToken");

    private static final Set<String> OF_SUBAGENTS = Set.of("allowAgents", "announceTimeoutMs", "archiveAfterMinutes",
            "maxChildrenPerAgent", "maxSpawnDepth", "model", "runTimeoutSeconds", "thinking");

    private static final Set<String> OF_BINDINGS = Set.of("acp", "comment", "match.roles", "type");

    private static final Set<String> OF_TOOLS = Set.of("agentToAgent", "alsoAllow", "byProvider", "codeMode",
            "elevated",
            "exec", "experimental", "fs", "links", "loopDetection", "media", "message", "profile", "sandbox",
            "sessions",
            "subagents", "toolSearch", "toolsBySender", "web");

    /// A section of a plugin has no shape here, so its tables are not marked as such.
    private static final Pattern OF_MCP = Pattern.compile("mcp\\.(sessionIdleTtlMs|servers\\..+\\.(auth|clientCert"
            + "|clientKey|codex|connectionTimeoutMs|oauth|requestTimeoutMs|sslVerify|supportsParallelToolCalls))");

    private OriginalKeys() {}

    /// Whether the original knows a key; `[]` stands for any item, `*` for any name.
    static boolean knows(String path) {
        return SECTIONS.contains(path) || KEYS.contains(path) || OF_MCP.matcher(path).matches()
                || isOf("session.", OF_SESSIONS, path)
                || isOf("messages.", OF_MESSAGES, path) || isOf("cron.", OF_CRON, path)
                || isOf("agents.defaults.subagents.", OF_SUBAGENTS, path)
                || isOf("bindings[].", OF_BINDINGS, path) || Stream.of("tools.", "agents.list[].tools.")
                        .anyMatch(place -> isOf(place, OF_TOOLS, path));
    }

    private static boolean isOf(String place, Set<String> names, String path) {
        return path.startsWith(place) && names.contains(path.substring(place.length()));
    }
}
