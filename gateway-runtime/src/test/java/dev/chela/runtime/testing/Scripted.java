package dev.chela.runtime.testing;

import java.nio.file.Path;

/// A plugin whose engine does what the message says: words are answered one by one; `!fail` fails, `!crash` throws
/// something unexpected, `!error` throws what is no exception, `!flood` never stops talking, `!resign` ends interrupted,
/// `!hang` waits until it is interrupted, `!deaf` ignores that, `!await=FILE` waits until a file
/// exists, `!history` answers what was said before, `!steer` says what was said meanwhile, `!attached` says what came with
/// the message, `!past` what came before, `!tools` names the tools it may call, `!call=NAME{...}` calls one
/// with a JSON object without blanks and answers what it says, `!calls=N=NAME{...}` does so N times.
public final class Scripted {

    private Scripted() {}

    /// Puts the plugin's jar into a folder.
    public static Path writeTo(Path folder) {
        return PluginJar
                .of("scripted",
                        """
                                private JsonTexts json;

                                @Override public void register(Registrar r) {
                                    json = r.context().json();
                                    r.engine("echo", this::answer);
                                }

                                private String call(Turn turn, int number, String what) throws Exception {
                                    int at = what.indexOf('{');
                                    ToolResult result = turn.call("call" + number, what.substring(0, at), json.read(what.substring(at)));
                                    return (result.isError() ? "ERROR " : "") + result.text();
                                }

                                private static String shown(Attachment a) {
                                    return a.name() + " " + a.mimeType() + " " + a.isImage() + " " + a.size() + " "
                                            + Arrays.hashCode(a.bytes());
                                }

                                private TurnResult answer(Turn turn, TurnSink sink) throws Exception {
                                    for (String word : turn.message().split("(?<= )")) {
                                        String bare = word.strip();
                                        if (bare.equals("!fail")) {
                                            throw new EngineException(EngineException.Kind.RATE_LIMIT, "the provider says no");
                                        } else if (bare.equals("!crash")) {
                                            throw new IllegalStateException("secret details");
                                        } else if (bare.equals("!error")) {
                                            throw new NoClassDefFoundError("gone");
                                        } else if (bare.equals("!flood")) {
                                            while (true) { sink.text("x".repeat(50_000)); }
                                        } else if (bare.equals("!resign")) {
                                            Thread.currentThread().interrupt();
                                        } else if (bare.equals("!hang")) {
                                            Thread.sleep(Long.MAX_VALUE);
                                        } else if (bare.equals("!deaf")) {
                                            while (!Files.exists(Path.of(System.getProperty("java.io.tmpdir"), "never"))) {
                                                try { Thread.sleep(50); } catch (InterruptedException e) { }
                                            }
                                        } else if (bare.startsWith("!await=")) {
                                            while (!Files.exists(Path.of(bare.substring(7)))) { Thread.sleep(5); }
                                        } else if (bare.equals("!history")) {
                                            for (Message m : turn.history(100)) { sink.text(m.speaker().name() + ":" + m.text() + "|"); }
                                        } else if (bare.equals("!steer")) {
                                            sink.text("steered by " + turn.steering() + " ");
                                        } else if (bare.equals("!attached")) {
                                            for (Attachment a : turn.attachments()) { sink.text(shown(a) + "|"); }
                                        } else if (bare.equals("!past")) {
                                            for (Message m : turn.history(100)) {
                                                for (Attachment a : m.attachments()) { sink.text(shown(a) + "|"); }
                                            }
                                        } else if (bare.equals("!tools")) {
                                            for (ToolOffer offer : turn.tools()) { sink.text(offer.name() + " "); }
                                        } else if (bare.startsWith("!calls=")) {
                                            String[] parts = bare.substring(7).split("=", 2);
                                            String last = "";
                                            for (int i = 0; i < Integer.parseInt(parts[0]); i++) { last = call(turn, i, parts[1]); }
                                            sink.text(last);
                                        } else if (bare.startsWith("!call=")) {
                                            sink.text(call(turn, 0, bare.substring(6)));
                                        } else {
                                            sink.text(word);
                                        }
                                    }
                                    return new TurnResult(TurnResult.StopReason.STOP, new TurnResult.Usage(3, 5, 0));
                                }
                                """)
                .writeTo(folder, "scripted.jar");
    }
}
