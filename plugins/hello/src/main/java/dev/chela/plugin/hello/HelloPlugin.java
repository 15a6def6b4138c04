package dev.chela.plugin.hello;

import java.util.Map;

import dev.chela.api.GatewayPlugin;
import dev.chela.api.Registrar;
import dev.chela.api.agent.Tool;
import dev.chela.api.http.Door;
import dev.chela.api.http.Route;
import dev.chela.api.json.Bounds;
import dev.chela.api.json.Describe;
import dev.chela.api.rpc.Method;
import dev.chela.api.rpc.Scope;

/// Says hello by RPC, by HTTP and as a tool of agents.
public final class HelloPlugin implements GatewayPlugin {

    record Greeting(@Bounds(min = 1, max = 100) @Describe("Whom to greet.") String name) {

        String text() {
            return "Hello, " + name + "!";
        }
    }

    @Override
    public void register(Registrar registrar) {
        registrar.method(Method.of("hello.greet", Scope.READ, Greeting.class,
                (params, call) -> Map.of("text", params.text())));
        registrar.route(Route.get("/hello", Door.open(), exchange -> exchange.text(200, "Hello!\n")));
        registrar.tool(Tool.of("hello_greet", "Greets somebody by name.", Greeting.class,
                (params, call) -> params.text()));
    }
}
