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
    public static Json redact(Json settings) {
        return redact(settings, SHAPE);
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
