package dev.chela.runtime.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.BindException;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.Problem;
import dev.chela.runtime.json.Shape;
import dev.chela.runtime.json.Shapes;

/// Makes settings of what a file says: puts variables in, leaves out what only the original knows, binds the rest.
final class ConfigReader {

    static final Shape.Fields SHAPE = new Shapes().of(Config.class);

    private static final Pattern VARIABLE = Pattern.compile("(\\$?)\\$\\{([A-Z_][A-Z0-9_]*)}");

    private final Path file;
    private final Map<String, String> environment;
    private final boolean foreign;
    private final Predicate<String> sections;
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /// @param foreign whether the file was written for the original, whose further keys are warnings then
    /// @param sections whether a top-level section belongs to a plugin
    ConfigReader(Path file, Map<String, String> environment, boolean foreign, Predicate<String> sections) {
        this.file = file;
        this.environment = environment;
        this.foreign = foreign;
        this.sections = sections;
    }

    Config read(Json source) {
        Json known = foreign ? withoutForeign(source, SHAPE, "") : source;
        Json filled = fill(known, "");
        if (!problems.isEmpty()) {
            throw new ConfigException(file, problems);
        }
        try {
            Config config = new JsonCodec().bind(filled, Config.class);
            config.sections().keySet().forEach(this::checkSection);
            if (problems.isEmpty()) {
                return config;
            }
        } catch (BindException e) {
            problems.addAll(e.problems());
            if (filled instanceof Json.Obj(Map<String, Json> members)) {
                members.keySet().stream().filter(name -> !SHAPE.index().containsKey(name)).forEach(this::checkSection);
            }
        }
        throw new ConfigException(file, problems);
    }

    private void checkSection(String name) {
        if (!sections.test(name)) {
            problems.add(new Problem("", "unexpected property '" + name + "'", null));
        }
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }

    private Json withoutForeign(Json value, Shape shape, String path) {
        if (value instanceof Json.Obj(Map<String, Json> members)) {
            Map<String, Json> kept = new LinkedHashMap<>();
            members.forEach(
                    (name, member) -> keep(kept, shape, path.isEmpty() ? name : path + "." + name, name, member));
            return new Json.Obj(kept);
        } else if (value instanceof Json.Arr(List<Json> items)
                && shape instanceof Shape.Items(Shape item, long _, long _)) {
            return new Json.Arr(items.stream().map(one -> withoutForeign(one, item, path + "[]")).toList());
        }
        return value;
    }

    private void keep(Map<String, Json> kept, Shape shape, String path, String name, Json member) {
        switch (shape) {
            case Shape.Fields fields when fields.index().containsKey(name) -> kept.put(name,
                    withoutForeign(member, fields.fields().get(fields.index().get(name)).shape(), path));
            case Shape.Fields _ when path.equals(name) && sections.test(name) -> kept.put(name,
                    withoutForeign(member, new Shape.Any(), path));
            case Shape.Fields _,Shape.Any _ when OriginalKeys.knows(path) ->
                warnings.add(path + " is not used by this gateway");
            case Shape.Table(Shape entry) -> kept.put(name, withoutForeign(member, entry, path.substring(0,
                    path.length() - name.length()) + "*"));
            case Shape.Any _ -> kept.put(name, withoutForeign(member, shape, path));
            default -> kept.put(name, member);
        }
    }

    private Json fill(Json value, String path) {
        return switch (value) {
            case Json.Obj(Map<String, Json> members) -> {
                Map<String, Json> filled = new LinkedHashMap<>();
                members.forEach((name, member) -> filled.put(name, fill(member, path + "/" + name)));
                yield new Json.Obj(filled);
            }
            case Json.Arr(List<Json> items) -> {
                List<Json> filled = new ArrayList<>();
                items.forEach(item -> filled.add(fill(item, path + "/" + filled.size())));
                yield new Json.Arr(filled);
            }
            case Json.Text(String text) when text.contains("${") -> new Json.Text(fill(text, path));
            default -> value;
        };
    }

    /// `${NAME}` is the variable's value, `$${NAME}` stays as `${NAME}`.
    private String fill(String text, String path) {
        return VARIABLE.matcher(text).replaceAll(match -> {
            if (!match.group(1).isEmpty()) {
                return Matcher.quoteReplacement("${" + match.group(2) + "}");
            }
            String value = environment.get(match.group(2));
            if (value == null || value.isEmpty()) {
                problems.add(new Problem(path, "needs the environment variable " + match.group(2), "none"));
                return "";
            }
            return Matcher.quoteReplacement(value);
        });
    }
}
