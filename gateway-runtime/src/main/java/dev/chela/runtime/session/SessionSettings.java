package dev.chela.runtime.session;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;

/// What was chosen for one session alone; immutable.
public final class SessionSettings {

    /// Nothing.
    public static final SessionSettings NONE = new SessionSettings(new EnumMap<>(Setting.class));

    private static final JsonCodec CODEC = new JsonCodec();

    private final Map<Setting, String> values;

    private SessionSettings(EnumMap<Setting, String> values) {
        this.values = Collections.unmodifiableMap(values);
    }

    /// What is kept of a session; names that an older or newer gateway knew are passed over.
    ///
    /// @param stored JSON
    public static SessionSettings of(String stored) {
        if (stored.equals("{}")) {
            return NONE;
        }
        EnumMap<Setting, String> values = new EnumMap<>(Setting.class);
        if (JsonCodec.read(JsonText.of(stored)) instanceof Json.Obj(Map<String, Json> members)) {
            members.forEach((name, value) -> Setting.named(name).ifPresent(setting -> {
                if (value instanceof Json.Text(String text)) {
                    values.put(setting, text);
                }
            }));
        }
        return new SessionSettings(values);
    }

    /// The form it is kept in.
    public String stored() {
        Map<String, String> members = new LinkedHashMap<>();
        values.forEach((setting, value) -> members.put(setting.member(), value));
        return CODEC.encode(members).toString();
    }

    /// What was chosen, if anything.
    public Optional<String> get(Setting setting) {
        return Optional.ofNullable(values.get(setting));
    }

    /// The same with other choices.
    ///
    /// @param changes null values take a choice back
    /// @throws IllegalArgumentException naming a setting whose value does not fit
    public SessionSettings with(Map<Setting, Json> changes) {
        EnumMap<Setting, String> changed = new EnumMap<>(Setting.class);
        changed.putAll(values);
        changes.forEach((setting, value) -> {
            if (value instanceof Json.Null) {
                changed.remove(setting);
            } else {
                changed.put(setting, setting.checked(value));
            }
        });
        return new SessionSettings(changed);
    }

    /// Adds them to a row that clients see.
    void show(Map<String, Object> row) {
        values.forEach((setting, value) -> {
            if (setting != Setting.MODEL) {
                row.put(setting.member(), setting.shown(value));
            }
        });
        get(Setting.MODEL).ifPresent(ref -> {
            int slash = ref.indexOf('/');
            row.put("providerOverride", ref.substring(0, Math.max(0, slash)));
            row.put("modelOverride", ref.substring(slash + 1));
            row.put("modelOverrideSource", "user");
        });
    }
}
