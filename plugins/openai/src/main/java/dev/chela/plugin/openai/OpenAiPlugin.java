package dev.chela.plugin.openai;

import dev.chela.api.GatewayPlugin;
import dev.chela.api.Registrar;

import org.jspecify.annotations.Nullable;

/// Brings the engine `openai`.
public final class OpenAiPlugin implements GatewayPlugin {

    private @Nullable Provider provider;

    @Override
    public void register(Registrar registrar) {
        var context = registrar.context();
        var settings = context.settings(OpenAiSettings.class);
        var defaults = Defaults.of(settings.current(), context.environment());
        var calls = new Provider(settings, context.version());
        provider = calls;
        registrar.engine("openai", new OpenAiEngine(defaults, calls, context.json(), context.clock()));
    }

    @Override
    public void close() throws InterruptedException {
        if (provider != null) {
            provider.close();
        }
    }
}
