package dev.chela.api;

/// Says how a part of a plugin is.
@FunctionalInterface
public interface HealthProbe {

    /// Asked about once a minute on a thread of its own; an exception or 5 s without an answer counts as failed.
    Health probe() throws Exception;

    /// How a part is.
    ///
    /// @param state how well it works
    /// @param summary one line for the operator; without secrets
    record Health(State state, String summary) {

        /// All is well.
        public static Health ok() {
            return new Health(State.OK, "ok");
        }

        /// It works, but not as it should.
        public static Health degraded(String summary) {
            return new Health(State.DEGRADED, summary);
        }

        /// It does not work.
        public static Health failed(String summary) {
            return new Health(State.FAILED, summary);
        }
    }

    /// How well a part works.
    enum State {
        /// All is well.
        OK,
        /// It works, but not as it should.
        DEGRADED,
        /// It does not work.
        FAILED
    }
}
