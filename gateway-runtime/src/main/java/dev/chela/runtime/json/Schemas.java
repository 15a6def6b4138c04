package dev.chela.runtime.json;

import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Describe;
import dev.chela.api.json.Json;

/// Writes shapes as JSON schemas, for those who are to make a value that fits.
final class Schemas {

    private Schemas() {}

    static Json of(Shape shape) {
        return new Json.Obj(members(shape));
    }

    private static Map<String, Json> members(Shape shape) {
        return switch (shape) {
            case Shape.Text text -> text(text);
            case Shape.Whole whole -> whole(whole);
            case Shape.Decimal _ -> type("number");
            case Shape.Flag _ -> type("boolean");
            case Shape.Any _ -> new LinkedHashMap<>();
            case Shape.Items items -> items(items);
            case Shape.Table table -> {
                Map<String, Json> schema = type("object");
                schema.put("additionalProperties", of(table.value()));
                yield schema;
            }
            case Shape.Fields fields -> fields(fields);
        };
    }

    private static Map<String, Json> type(String name) {
        Map<String, Json> schema = new LinkedHashMap<>();
        schema.put("type", new Json.Text(name));
        return schema;
    }

    private static Map<String, Json> text(Shape.Text text) {
        Map<String, Json> schema = type("string");
        if (!text.oneOf().isEmpty()) {
            schema.put("enum", Json.of(text.oneOf()));
            return schema;
        }
        limits(schema, "Length", text.min(), text.max());
        return schema;
    }

    private static Map<String, Json> whole(Shape.Whole whole) {
        Map<String, Json> schema = type("integer");
        boolean small = whole.type() == Integer.class;
        if (whole.min() != (small ? Integer.MIN_VALUE : Long.MIN_VALUE)) {
            schema.put("minimum", number(whole.min()));
        }
        if (whole.max() != (small ? Integer.MAX_VALUE : Long.MAX_VALUE)) {
            schema.put("maximum", number(whole.max()));
        }
        return schema;
    }

    private static Map<String, Json> items(Shape.Items items) {
        Map<String, Json> schema = type("array");
        schema.put("items", of(items.item()));
        limits(schema, "Items", items.min(), items.max());
        return schema;
    }

    private static void limits(Map<String, Json> schema, String what, long min, long max) {
        if (min > 0) {
            schema.put("min" + what, number(min));
        }
        if (max < Integer.MAX_VALUE) {
            schema.put("max" + what, number(max));
        }
    }

    private static Map<String, Json> fields(Shape.Fields fields) {
        RecordComponent[] components = fields.constructor().getDeclaringClass().getRecordComponents();
        Map<String, Json> properties = new LinkedHashMap<>();
        List<Json> required = new ArrayList<>();
        for (int i = 0; i < fields.fields().size(); i++) {
            if (i == fields.rest()) {
                continue; // it stands for all members that no other component is for
            }
            Shape.Field field = fields.fields().get(i);
            Map<String, Json> member = members(field.shape());
            Describe words = components[i].getAnnotation(Describe.class);
            if (words != null) {
                member.put("description", new Json.Text(words.value()));
            }
            properties.put(field.name(), new Json.Obj(member));
            if (field.required()) {
                required.add(new Json.Text(field.name()));
            }
        }
        Map<String, Json> schema = type("object");
        schema.put("properties", new Json.Obj(properties));
        if (!required.isEmpty()) {
            schema.put("required", new Json.Arr(required));
        }
        if (!fields.open() && fields.rest() < 0) {
            schema.put("additionalProperties", new Json.Bool(false));
        }
        return schema;
    }

    private static Json number(long value) {
        return new Json.Num(BigDecimal.valueOf(value));
    }
}
