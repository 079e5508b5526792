package dev.patchbay.analysis.sweep;

import java.util.SplittableRandom;

/** Seeded choices; the same seed gives the same ones on every machine. */
final class Permutations {
    private Permutations() {}

    /** A permutation of {@code 0 … count − 1} without fixed points, uniform among those; {@code count} is at least 2. */
    static int[] derangement(int count, SplittableRandom random) {
        if (count < 2) {
            throw new IllegalArgumentException("a permutation of " + count + " without fixed points");
        }
        // About one shuffle in e has no fixed point, so this ends soon and stays uniform.
        while (true) {
            int[] order = shuffle(count, random);
            boolean fixed = false;
            for (int i = 0; i < count; i++) {
                fixed |= order[i] == i;
            }
            if (!fixed) {
                return order;
            }
        }
    }

    private static int[] shuffle(int count, SplittableRandom random) {
        var order = new int[count];
        for (int i = 0; i < count; i++) {
            int other = random.nextInt(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
        return order;
    }
}
