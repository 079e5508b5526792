package dev.patchbay.analysis.sweep;

import dev.patchbay.model.run.Model;

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

    private static final int LEAST_TOKENS = 64;
    private static final int MOST_TOKENS = 65536;

    /**
     * What a model's device has room for now: passes take a quarter of its free memory, what base runs keep another, logits an
     * eighth. A processor gains nothing from passes above the default, a GPU up to 65,536 tokens.
     */
    public static SweepLimits of(Model model) {
        long free = model.device().freeBytes();
        boolean processor = model.device().name().equals("cpu");
        int tokens =
                Math.clamp(free / 4 / model.bytesPerToken(), LEAST_TOKENS, processor ? DEFAULT.tokens() : MOST_TOKENS);
        long kept = Math.clamp(free / 4 / Float.BYTES, 1, processor ? DEFAULT.kept() : Long.MAX_VALUE);
        return new SweepLimits(tokens, kept, Math.clamp(free / 8 / Float.BYTES, 1, DEFAULT.logits()));
    }

    /** Rows of one pass whose whole logits are read, at least one. */
    int rows(int vocabulary) {
        return Math.clamp(logits / vocabulary, 1, Integer.MAX_VALUE);
    }
}
