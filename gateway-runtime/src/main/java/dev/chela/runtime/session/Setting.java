package dev.chela.runtime.session;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.chela.api.json.Json;

/// What can be chosen for one session alone; everything else holds for all sessions of an agent.
public enum Setting {

    /// How hard a model is to think.
    THINKING("thinkingLevel", true, "off|minimal|low|medium|high|xhigh"),
    /// How much of the use of tools is shown.
    VERBOSE("verboseLevel", false, "on|full|off"),
    /// Whether a model's reasoning is shown.
    REASONING("reasoningLevel", false, "on|off|stream"),
    /// Whether the steps of a run are traced.
    TRACE("traceLevel", false, "on|off|raw"),
    /// Whether answers say what they cost.
    RESPONSE_USAGE("responseUsage", false, "off|tokens|full|on"),
    /// How far commands may go.
    ELEVATED("elevatedLevel", false, "on|off|ask|full"),
    /// Where commands run.
    EXEC_HOST("execHost", false, "sandbox|gateway|node"),
    /// Which commands may run.
    EXEC_SECURITY("execSecurity", false, "deny|allowlist|full"),
    /// When a person is asked about a command.
    EXEC_ASK("execAsk", false, "off|on-miss|always"),
    /// The node commands run on.
    EXEC_NODE("execNode", false, 256),
    /// What an agent may do without asking.
    PERMISSION_MODE("permissionMode", true, "read-only|guarded|workspace|full"),
    /// Whether messages are taken at all.
    SEND_POLICY("sendPolicy", false, "allow|deny"),
    /// When the agent answers in a group.
    GROUP_ACTIVATION("groupActivation", false, "mention|always"),
    /// The model, as `provider/id`.
    MODEL("model", true, 256),
    /// Whether a quicker model may answer.
    FAST_MODE("fastMode", true, "auto|true|false"),
    /// The group a list shows it in.
    CATEGORY("category", true, 512),
    /// A picture beside its name.
    ICON("icon", true, 64),
    /// A colour beside its name.
    COLOR("color", true, 64),
    /// A word about how it stands.
    STATUS_NOTE("statusNote", false, 120),
    /// Why a person is wanted.
    ATTENTION("attention", false, "hand|key|alert|flag|lock|hourglass"),
    /// Which face clients show first.
    BOARD_FACE("boardFace", true, "chat|dashboard");

    private static final Map<String, Setting> BY_NAME = Arrays.stream(values())
            .collect(Collectors.toMap(Setting::member, Function.identity()));

    private final String member;
    private final boolean light;
    private final int max;
    private final String choices;

    /// @param choices all values, with bars between them
    Setting(String member, boolean light, String choices) {
        this.member = member;
        this.light = light;
        this.max = 0;
        this.choices = choices;
    }

    Setting(String member, boolean light, int max) {
        this.member = member;
        this.light = light;
        this.max = max;
        this.choices = "";
    }

    /// The setting that clients know by a name.
    public static Optional<Setting> named(String member) {
        return Optional.ofNullable(BY_NAME.get(member));
    }

    /// What clients call it.
    public String member() {
        return member;
    }

    /// Whether everybody who may write may choose it with this value; all else is for administrators.
    public boolean isLight(Json value) {
        return light && !(this == PERMISSION_MODE && value.equals(new Json.Text("full")));
    }

    /// The value as it is kept.
    ///
    /// @throws IllegalArgumentException naming the setting and what it may be
    public String checked(Json value) {
        String text = switch (value) {
            case Json.Text(String given) -> given.strip();
            case Json.Bool(boolean flag) when this == FAST_MODE -> Boolean.toString(flag);
            default -> "";
        };
        if (this == MODEL && !text.matches("[^/]+/.+")) {
            throw new IllegalArgumentException("invalid " + member + " (use provider/model)");
        }
        boolean fits = choices.isEmpty() ? !text.isEmpty() && text.length() <= max : text.matches(choices);
        if (!fits) {
            throw new IllegalArgumentException("invalid " + member + " (use "
                    + (choices.isEmpty() ? "1 to " + max + " characters" : choices) + ")");
        }
        return text;
    }

    /// The value as clients see it.
    Object shown(String value) {
        return this == FAST_MODE && !value.equals("auto") ? (Object) Boolean.valueOf(value) : value;
    }
}
