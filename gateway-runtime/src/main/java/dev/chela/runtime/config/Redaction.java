package dev.chela.runtime.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.Shape;
import dev.chela.runtime.json.Shapes;

/// Hides secrets by where they stand, never by what they look like: a short one would destroy the text around it.
public final class Redaction {

    /// What stands in a secret's place.
    public static final String SENTINEL = "__OPENCLAW_REDACTED__";

    private static final Pattern SECRET_NAME = Pattern.compile("token|pass(word|phrase)|secret|api.?key|credential"
            + "|private.?key|authorization|cookie",
            Pattern.CASE_INSENSITIVE);
    private static final Shape SHAPE = new Shapes().of(Config.class);

    private Redaction() {}

    /// The same settings without secrets.
    ///
    /// @param channels what the settings of each channel there is look like; of others only the names tell
    public static Json redact(Json settings, Map<String, ? extends Shape> channels) {
        Json shown = redact(settings, SHAPE);
        if (!(shown instanceof Json.Obj(Map<String, Json> members))
                || !(members.get("channels") instanceof Json.Obj(Map<String, Json> sections))) {
            return shown;
        }
        Map<String, Json> declared = new LinkedHashMap<>(sections);
        channels.forEach((id, shape) -> declared.computeIfPresent(id, (_, section) -> section(section, shape)));
        Map<String, Json> all = new LinkedHashMap<>(members);
        all.put("channels", new Json.Obj(declared));
        return new Json.Obj(all);
    }

    /// What holds for all accounts of a channel stands beside the accounts.
    private static Json section(Json section, Shape shape) {
        Json shared = without(section, shape);
        if (!(shared instanceof Json.Obj(Map<String, Json> members))) {
            return shared;
        }
        Map<String, Json> shown = new LinkedHashMap<>(members);
        shown.computeIfPresent("accounts", (_, accounts) -> without(accounts, new Shape.Table(shape)));
        return new Json.Obj(shown);
    }

    /// Hides what is declared as a secret, and what stands where a secret should but has not its form.
    private static Json without(Json value, Shape shape) {
        if (shape instanceof Shape.Fields fields && value instanceof Json.Obj(Map<String, Json> members)) {
            Map<String, Json> shown = new LinkedHashMap<>(members);
            fields.fields().forEach(
                    field -> shown.computeIfPresent(field.name(), (_, member) -> without(member, field.shape())));
            return new Json.Obj(shown);
        } else if (shape instanceof Shape.Table(Shape one) && value instanceof Json.Obj(Map<String, Json> members)) {
            Map<String, Json> shown = new LinkedHashMap<>(members);
            shown.replaceAll((_, member) -> without(member, one));
            return new Json.Obj(shown);
        } else if (shape instanceof Shape.Items(Shape one, long _, long _) && value instanceof Json.Arr(var items)) {
            return new Json.Arr(items.stream().map(item -> without(item, one)).toList());
        }
        return holdsSecret(shape) ? new Json.Text(SENTINEL) : value;
    }

    private static boolean holdsSecret(Shape shape) {
        return switch (shape) {
            case Shape.Text text -> text.secret();
            case Shape.Items(Shape one, long _, long _) -> holdsSecret(one);
            case Shape.Table(Shape one) -> holdsSecret(one);
            case Shape.Fields fields -> fields.fields().stream().anyMatch(field -> holdsSecret(field.shape()));
            case Shape.Whole _,Shape.Decimal _,Shape.Flag _,Shape.Any _ -> false;
        };
    }

    private static Json redact(Json value, Shape shape) {
        return switch (value) {
            case Json.Obj(Map<String, Json> members) -> {
                Map<String, Json> shown = new LinkedHashMap<>();
                members.forEach((name, member) -> shown.put(name, member(name, member, shape)));
                yield new Json.Obj(shown);
            }
            case Json.Arr(List<Json> items) -> new Json.Arr(items.stream().map(item -> redact(item,
                    shape instanceof Shape.Items(Shape one, long _, long _) ? one : new Shape.Any())).toList());
            default -> value;
        };
    }

    private static Json hidden(Json value) {
        return switch (value) {
            case Json.Obj(Map<String, Json> members) -> {
                Map<String, Json> shown = new LinkedHashMap<>();
                members.forEach((name, member) -> shown.put(name, hidden(member)));
                yield new Json.Obj(shown);
            }
            case Json.Arr(List<Json> items) -> new Json.Arr(items.stream().map(Redaction::hidden).toList());
            case Json.Text _ -> new Json.Text(SENTINEL);
            default -> value;
        };
    }

    private static Json member(String name, Json member, Shape shape) {
        if (shape instanceof Shape.Fields fields && fields.index().containsKey(name)) {
            Shape known = fields.fields().get(fields.index().get(name)).shape();
            boolean secret = known instanceof Shape.Text text && text.secret();
            return secret ? new Json.Text(SENTINEL) : redact(member, known);
        } else if (shape instanceof Shape.Table(Shape entry)) {
            return redact(member, entry);
        }
        if (name.equals("env") || name.equals("headers")) {
            return hidden(member); // of programs and requests: no name tells which of them are secrets
        }
        boolean secret = SECRET_NAME.matcher(name).find()
                && (member instanceof Json.Text || member instanceof Json.Arr || member instanceof Json.Obj);
        return secret ? new Json.Text(SENTINEL) : redact(member, new Shape.Any());
    }
}
