/// What a plugin is written against.
module dev.chela.api {
    requires static transitive org.jspecify;

    exports dev.chela.api;
    exports dev.chela.api.agent;
    exports dev.chela.api.channel;
    exports dev.chela.api.config;
    exports dev.chela.api.event;
    exports dev.chela.api.hook;
    exports dev.chela.api.http;
    exports dev.chela.api.json;
    exports dev.chela.api.rpc;
    exports dev.chela.api.session;

    uses dev.chela.api.GatewayPlugin;
}
