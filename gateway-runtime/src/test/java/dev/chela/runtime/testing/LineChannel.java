package dev.chela.runtime.testing;

import java.nio.file.Path;

/// A plugin with a channel `line`, whose service is a [Messenger]: both talk lines of JSON over TCP.
///
/// The service sends `message` and gets `ack` when the gateway has taken it, or `nak`; it gets `send` and answers `sent`,
/// `later` or `never`. It can also make the account say how it is, end it or break it.
public final class LineChannel {

    private LineChannel() {}

    /// Puts the plugin's jar into a folder.
    public static Path writeTo(Path folder) {
        return PluginJar
                .of("line",
                        """
                                record LineSettings(int port) {}

                                private JsonTexts json;
                                private final Map<String, Connection> connections = new java.util.concurrent.ConcurrentHashMap<>();

                                @Override public void register(Registrar r) {
                                    json = r.context().json();
                                    r.channel(new Line());
                                }

                                private final class Connection {
                                    private final java.io.PrintStream out;
                                    private final Map<String, java.util.concurrent.CompletableFuture<Json>> open =
                                            new java.util.concurrent.ConcurrentHashMap<>();

                                    Connection(java.io.OutputStream stream) {
                                        out = new java.io.PrintStream(stream, true, java.nio.charset.StandardCharsets.UTF_8);
                                    }

                                    void write(Map<String, ?> message) {
                                        synchronized (out) {
                                            out.print(json.write(message) + "\\n");
                                            out.flush();
                                        }
                                    }
                                }

                                private final class Line implements Channel<LineSettings> {
                                    @Override public String id() { return "line"; }
                                    @Override public String label() { return "Line"; }
                                    @Override public Class<LineSettings> settings() { return LineSettings.class; }
                                    @Override public Set<Ability> abilities() { return Set.of(Ability.POLLS, Ability.MEDIA, Ability.LOGOUT); }
                                    @Override public Set<String> actions() { return Set.of("react", "explode", "sleep"); }
                                    @Override public int textLimit() { return 500; }

                                    @Override public void run(Account<LineSettings> account, Inbox inbox) throws Exception {
                                        try (var socket = new java.net.Socket("127.0.0.1", account.settings().port())) {
                                            var connection = new Connection(socket.getOutputStream());
                                            connections.put(account.id(), connection);
                                            connection.write(Map.of("type", "login", "account", account.id()));
                                            inbox.status(ChannelStatus.up());
                                            var lines = new java.util.concurrent.LinkedBlockingQueue<Optional<String>>();
                                            var in = new java.io.BufferedReader(new java.io.InputStreamReader(socket.getInputStream(),
                                                    java.nio.charset.StandardCharsets.UTF_8));
                                            var reader = new Thread(() -> read(in, lines));
                                            reader.setDaemon(true);
                                            reader.start();
                                            for (Optional<String> line = lines.take(); line.isPresent(); line = lines.take()) {
                                                if (!handle(json.read(line.get()), connection, inbox)) {
                                                    return;
                                                }
                                            }
                                            throw new java.io.IOException("the service hung up");
                                        } finally {
                                            connections.remove(account.id());
                                        }
                                    }

                                    private void read(java.io.BufferedReader in, java.util.Queue<Optional<String>> lines) {
                                        try {
                                            for (String line = in.readLine(); line != null; line = in.readLine()) {
                                                lines.add(Optional.of(line));
                                            }
                                        } catch (java.io.IOException e) {
                                            // the end, as well
                                        }
                                        lines.add(Optional.empty());
                                    }

                                    private boolean handle(Json line, Connection connection, Inbox inbox) throws Exception {
                                        String id = line.text("id").orElse("");
                                        switch (line.text("type").orElse("")) {
                                            case "message" -> connection.write(take(line, id, inbox));
                                            case "sent", "later", "never" -> Optional.ofNullable(connection.open.remove(id))
                                                    .ifPresent(waiting -> waiting.complete(line));
                                            case "status" -> inbox.status(ChannelStatus.down(line.text("detail").orElse("")));
                                            case "end" -> { return false; }
                                            case "break" -> throw new IllegalStateException("told to break");
                                            case "deaf" -> {
                                                long end = System.nanoTime() + 8_000_000_000L;
                                                while (System.nanoTime() < end) {
                                                    try { Thread.sleep(50); } catch (InterruptedException e) { }
                                                }
                                            }
                                            default -> { }
                                        }
                                        return true;
                                    }

                                    private Map<String, ?> take(Json line, String id, Inbox inbox) {
                                        var kind = Inbound.Chat.Kind.valueOf(line.text("kind").orElse("DIRECT"));
                                        var chat = new Inbound.Chat(kind, line.text("chat").orElse("c"), line.text("thread").orElse(null),
                                                line.text("space").orElse(null), line.text("title").orElse(null));
                                        var sender = new Inbound.Sender(line.text("from").orElse("u"), line.text("name").orElse(null));
                                        try {
                                            Inbox.Outcome outcome = inbox.accept(new Inbound(id, java.time.Instant.EPOCH, chat, sender,
                                                    line.text("text").orElse(""), null, line.flag("mentioned").orElse(false)));
                                            return Map.of("type", "ack", "id", id, "outcome", outcome.name());
                                        } catch (ChannelException | RuntimeException e) {
                                            return Map.of("type", "nak", "id", id, "error", String.valueOf(e.getMessage()));
                                        }
                                    }

                                    @Override public Receipt send(Account<LineSettings> account, Outbound message) throws Exception {
                                        Connection connection = connections.get(account.id());
                                        if (connection == null) {
                                            throw ChannelException.passing("not connected");
                                        }
                                        var answer = new java.util.concurrent.CompletableFuture<Json>();
                                        connection.open.put(message.id(), answer);
                                        var line = new LinkedHashMap<String, Object>();
                                        line.put("type", "send");
                                        line.put("id", message.id());
                                        line.put("to", message.to());
                                        line.put("thread", message.thread());
                                        line.put("replyTo", message.replyTo());
                                        line.put("attempt", message.attempt());
                                        line.put("repeated", message.repeated());
                                        if (message.content() instanceof Outbound.Text) {
                                            Outbound.Text text = (Outbound.Text) message.content();
                                            line.put("text", text.text());
                                            line.put("media", text.media().stream().map(Object::toString).toList());
                                        } else {
                                            Outbound.Poll poll = (Outbound.Poll) message.content();
                                            line.put("question", poll.question());
                                            line.put("options", poll.options());
                                            line.put("max", poll.maxSelections());
                                        }
                                        connection.write(line);
                                        Json said = answer.get();
                                        String why = said.text("error").orElse("");
                                        if (said.text("type").orElse("").equals("later")) {
                                            throw said.whole("afterMs").isPresent()
                                                    ? ChannelException.passing(why, java.time.Duration.ofMillis(said.whole("afterMs").get()))
                                                    : ChannelException.passing(why);
                                        } else if (said.text("type").orElse("").equals("never")) {
                                            throw ChannelException.lasting(why);
                                        }
                                        return new Receipt(said.text("messageId").orElse(""), Map.of("chatId", message.to()));
                                    }

                                    @Override public ChannelStatus probe(Account<LineSettings> account) throws Exception {
                                        try (var socket = new java.net.Socket("127.0.0.1", account.settings().port())) {
                                            return ChannelStatus.up();
                                        }
                                    }

                                    @Override public Json act(Account<LineSettings> account, Action action) throws Exception {
                                        if (action.name().equals("explode")) {
                                            throw ChannelException.lasting("no such message");
                                        } else if (action.name().equals("sleep")) {
                                            Thread.sleep(Long.MAX_VALUE);
                                        }
                                        return Json.of(Map.of("ok", true, "reacted", action.params().text("emoji").orElse("")));
                                    }

                                    @Override public boolean logout(Account<LineSettings> account) { return true; }
                                }
                                """)
                .writeTo(folder, "line.jar");
    }
}
