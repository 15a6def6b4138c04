package dev.chela.runtime.bench;

/// Counts durations so that percentiles are right to a thousandth, in constant room. Used by one thread.
final class Latencies {

    private static final int BITS = 10;
    private static final int HALF = 1 << BITS;
    private static final long LONGEST = 1L << 40;

    private final long[] counts = new long[HALF * (42 - BITS)];
    private long total;
    private long longest;

    /// Counts one.
    void record(long nanos) {
        long value = Math.clamp(nanos, 0L, LONGEST);
        counts[index(value)]++;
        total++;
        longest = Math.max(longest, value);
    }

    private static int index(long value) {
        int shift = Math.max(0, 63 - Long.numberOfLeadingZeros(value | 1) - BITS);
        return shift * HALF + (int) (value >>> shift);
    }

    /// How many were counted.
    long total() {
        return total;
    }

    /// The longest in microseconds.
    double longestMicros() {
        return longest / 1e3;
    }

    /// What this share of all did not exceed, in microseconds; 0 if none was counted.
    double micros(double share) {
        long rank = Math.max(1, (long) Math.ceil(share * total));
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= rank) {
                int shift = Math.max(0, i / HALF - 1);
                long low = (long) (i - shift * HALF) << shift;
                return Math.min(longest, low + ((1L << shift) - 1)) / 1e3;
            }
        }
        return 0;
    }
}
