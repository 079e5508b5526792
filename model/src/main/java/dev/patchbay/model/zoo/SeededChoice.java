package dev.patchbay.model.zoo;

import java.util.ArrayList;
import java.util.List;

/**
 * Random choices that are the same on every machine: SplitMix64 (Steele, Lea, Flood 2014), a 64-bit state advanced by
 * {@code 0x9e3779b97f4a7c15} and mixed; a number below n is the high half of the 128-bit product with n, and a sample is
 * the beginning of a Fisher–Yates shuffle.
 */
public final class SeededChoice {
    private long state;

    /** Choices that follow from {@code seed}. */
    public SeededChoice(long seed) {
        state = seed;
    }

    /** The next 64 bits. */
    public long next() {
        state += 0x9e3779b97f4a7c15L;
        long mixed = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    /** A number in {@code [0, bound)}. */
    public int below(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("no number below " + bound);
        }
        return (int) Math.unsignedMultiplyHigh(next(), bound);
    }

    /** A number in {@code [least, most]}. */
    public int between(int least, int most) {
        return least + below(most - least + 1);
    }

    /** {@code count} different elements of {@code items}, in random order. */
    public <T> List<T> sample(List<T> items, int count) {
        var pool = new ArrayList<>(items);
        for (int chosen = 0; chosen < count; chosen++) {
            int other = between(chosen, pool.size() - 1);
            pool.set(chosen, pool.set(other, pool.get(chosen)));
        }
        return List.copyOf(pool.subList(0, count));
    }
}
