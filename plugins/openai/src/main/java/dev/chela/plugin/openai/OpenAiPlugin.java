package dev.chela.plugin.openai;

import dev.chela.api.GatewayPlugin;
import dev.chela.api.Registrar;

/// Brings the engine `openai`.
public final class OpenAiPlugin implements GatewayPlugin {

    @Override
    public void register(Registrar registrar) {}
}
