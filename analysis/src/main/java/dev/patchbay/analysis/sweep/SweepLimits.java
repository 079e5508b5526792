package dev.patchbay.analysis.sweep;

/**
 * How much of a sweep runs at once. In the {@code exact} profile results do not depend on it.
 *
 * @param tokens of one forward pass, and of the base runs of one batch of pairs; a longer prompt runs alone
 * @param kept elements that the base runs of one batch of pairs keep for rows that join late
 * @param logits elements of the logits of one forward pass, for metrics that read the whole vocabulary
 */
public record SweepLimits(int tokens, long kept, long logits) {
    /** 8,192 tokens, 64 Mi kept elements and 64 Mi logits. */
    public static final SweepLimits DEFAULT = new SweepLimits(8192, 1L << 26, 1L << 26);

    /** Checks that both are positive. */
    public SweepLimits {
        if (tokens < 1 || kept < 1 || logits < 1) {
            throw new IllegalArgumentException(
                    "limits of " + tokens + " tokens, " + kept + " kept elements and " + logits + " logits");
        }
    }

    /** Rows of one pass whose whole logits are read, at least one. */
    int rows(int vocabulary) {
        return Math.clamp(logits / vocabulary, 1, Integer.MAX_VALUE);
    }
}
