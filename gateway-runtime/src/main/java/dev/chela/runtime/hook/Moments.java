package dev.chela.runtime.hook;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import dev.chela.api.hook.AnswerWriting;
import dev.chela.api.hook.GatewayStarted;
import dev.chela.api.hook.GatewayStopping;
import dev.chela.api.hook.Hook;
import dev.chela.api.hook.MessageReceived;
import dev.chela.api.hook.MessageSending;
import dev.chela.api.hook.MessageSent;
import dev.chela.api.hook.ModelChoosing;
import dev.chela.api.hook.PromptBuilding;
import dev.chela.api.hook.RunClaiming;
import dev.chela.api.hook.RunEnded;
import dev.chela.api.hook.RunStarting;
import dev.chela.api.hook.SessionCompacted;
import dev.chela.api.hook.SessionEnded;
import dev.chela.api.hook.SessionStarted;
import dev.chela.api.hook.ToolCalled;
import dev.chela.api.hook.ToolCalling;
import dev.chela.api.hook.ToolResultWriting;

/// The moments this gateway has, and the kinds of hooks each takes.
public final class Moments {

    private static final Map<Class<? extends Record>, Set<Kind>> KNOWN = Map.ofEntries(
            Map.entry(GatewayStarted.class, Set.of(Kind.OBSERVE)),
            Map.entry(GatewayStopping.class, Set.of(Kind.OBSERVE)),
            Map.entry(SessionStarted.class, Set.of(Kind.OBSERVE)),
            Map.entry(SessionEnded.class, Set.of(Kind.OBSERVE)),
            Map.entry(SessionCompacted.class, Set.of(Kind.OBSERVE)),
            Map.entry(MessageReceived.class, Set.of(Kind.OBSERVE)),
            Map.entry(ModelChoosing.class, Set.of(Kind.MODIFY)), Map.entry(RunStarting.class, Set.of(Kind.GATE)),
            Map.entry(RunClaiming.class, Set.of(Kind.CLAIM)), Map.entry(PromptBuilding.class, Set.of(Kind.MODIFY)),
            Map.entry(ToolCalling.class, Set.of(Kind.GATE, Kind.MODIFY)),
            Map.entry(ToolResultWriting.class, Set.of(Kind.SYNC)), Map.entry(ToolCalled.class, Set.of(Kind.OBSERVE)),
            Map.entry(MessageSending.class, Set.of(Kind.GATE, Kind.MODIFY)),
            Map.entry(MessageSent.class, Set.of(Kind.OBSERVE)), Map.entry(AnswerWriting.class, Set.of(Kind.SYNC)),
            Map.entry(RunEnded.class, Set.of(Kind.OBSERVE)));

    /// What a hook does.
    enum Kind {
        OBSERVE, MODIFY, GATE, CLAIM, SYNC;

        static Kind of(Hook<?> hook) {
            return switch (hook.code()) {
                case Hook.Observer<?> _ -> OBSERVE;
                case Hook.Modifier<?> _ -> MODIFY;
                case Hook.Gate<?> _ -> GATE;
                case Hook.Claimer<?> _ -> CLAIM;
                case Hook.Sync<?> _ -> SYNC;
            };
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private Moments() {}

    /// Why a hook cannot be taken; empty if it can.
    public static Optional<String> refusal(Hook<?> hook) {
        Set<Kind> kinds = KNOWN.get(hook.moment());
        if (kinds == null) {
            return Optional.of("hook for " + hook.moment().getName() + ", which is no moment of this gateway");
        }
        return kinds.contains(Kind.of(hook))
                ? Optional.empty()
                : Optional.of("hook for " + hook.moment().getSimpleName() + " of the kind " + Kind.of(hook).word()
                        + ", which takes " + kinds.stream().sorted().map(Kind::word).collect(Collectors.joining(" or "))
                        + " only");
    }

    /// A hook's name in lists: its moment and its kind.
    public static String name(Hook<?> hook) {
        return hook.moment().getSimpleName() + " (" + Kind.of(hook).word()
                + (hook.priority() == 0 ? "" : ", priority " + hook.priority()) + ")";
    }
}
