package dev.chela.plugin.openai;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.agent.EngineException;
import dev.chela.api.agent.EngineException.Kind;
import dev.chela.api.json.Json;

import org.jspecify.annotations.Nullable;

/// The tools that one answer calls, put together from the pieces they come in.
final class CalledTools {

    /// How many one answer may call.
    static final int MAX_CALLS = 64;
    /// The longest arguments of one call, in characters.
    static final int MAX_ARGUMENTS = 256 << 10;
    private static final int MAX_WORD = 256;

    private final Target target;
    private final Map<Long, Pieces> byIndex = new LinkedHashMap<>();
    private final List<Pieces> inOrder = new ArrayList<>();

    /// A call as the model wants it.
    ///
    /// @param id the provider's; empty if it gave none
    /// @param arguments JSON, if the model got it right
    record Called(String id, String name, String arguments) {}

    private static final class Pieces {
        private String id = "";
        private String name = "";
        private final StringBuilder arguments = new StringBuilder();
    }

    CalledTools(Target target) {
        this.target = target;
    }

    /// Takes what a chunk says of calls.
    ///
    /// @param list the value of `tool_calls`
    /// @throws EngineException if it makes no sense or is too much
    void add(Json list) throws EngineException {
        if (!(list instanceof Json.Arr(List<Json> items))) {
            throw senseless("its tool_calls are no list");
        }
        for (Json item : items) {
            Json function = item.at("function").orElse(Json.Null.VALUE);
            if (!(item instanceof Json.Obj) || !(function instanceof Json.Obj)) {
                throw senseless("one of its tool_calls has no function");
            }
            add(pieces(item, function), item, function);
        }
    }

    /// Providers that send calls whole number none of them, or all of them alike.
    private Pieces pieces(Json item, Json function) throws EngineException {
        Long index = item.whole("index").orElse(null);
        Pieces known = index == null ? sameId(item) : byIndex.get(index);
        if (known != null && !begins(known, item, function)) {
            return known;
        } else if (inOrder.size() == MAX_CALLS) {
            throw senseless("it calls more than " + MAX_CALLS + " tools at once");
        }
        var begun = new Pieces();
        inOrder.add(begun);
        if (index != null) {
            byIndex.put(index, begun);
        }
        return begun;
    }

    private @Nullable Pieces sameId(Json item) {
        String id = item.text("id").orElse("");
        return inOrder.stream().filter(one -> !id.isEmpty() && one.id.equals(id)).findFirst().orElse(null);
    }

    /// An id alone tells nothing: some providers make up another with every piece.
    private static boolean begins(Pieces known, Json item, Json function) {
        return item.text("id").filter(id -> !id.isEmpty() && !id.equals(known.id)).isPresent() && !known.id.isEmpty()
                && function.text("name").filter(name -> !name.isEmpty()).isPresent();
    }

    /// Some providers repeat id and name with every piece.
    private void add(Pieces pieces, Json item, Json function) throws EngineException {
        String id = item.text("id").orElse("");
        if (pieces.id.isEmpty()) {
            pieces.id = id;
        }
        String name = function.text("name").orElse("");
        if (!name.equals(pieces.name)) {
            pieces.name += name;
        }
        pieces.arguments.append(arguments(function));
        if (pieces.id.length() > MAX_WORD || pieces.name.length() > MAX_WORD) {
            throw senseless("a tool's id or name has more than " + MAX_WORD + " characters");
        } else if (pieces.arguments.length() > MAX_ARGUMENTS) {
            throw senseless("the arguments of a tool have more than " + MAX_ARGUMENTS + " characters");
        }
    }

    private String arguments(Json function) throws EngineException {
        Json given = function.at("arguments").orElse(new Json.Text(""));
        if (given instanceof Json.Text(String piece)) {
            return piece;
        }
        throw senseless("the arguments of a tool are no string");
    }

    /// All calls, in the order in which they began.
    ///
    /// @throws EngineException if one has no name
    List<Called> whole() throws EngineException {
        List<Called> all = new ArrayList<>();
        for (Pieces pieces : inOrder) {
            if (pieces.name.isBlank()) {
                throw senseless("one of its tool_calls has no name");
            }
            all.add(new Called(pieces.id, pieces.name.strip(), pieces.arguments.toString()));
        }
        return all;
    }

    private EngineException senseless(String what) {
        return new EngineException(Kind.UNKNOWN, target.name() + " sent an answer that makes no sense: " + what);
    }
}
