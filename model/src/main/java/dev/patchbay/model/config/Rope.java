package dev.patchbay.model.config;

import dev.patchbay.device.Ops.RopePairing;
import java.util.List;
import java.util.Optional;

/**
 * Rotary positions of a layer, with every scaling already worked into the frequencies.
 *
 * @param pairing which elements turn together
 * @param rotary leading elements of a head that are rotated, even
 * @param inverseFrequencies {@code rotary / 2} angles per position
 * @param magnitude factor of cosine and sine (YaRN, LongRoPE), 1 elsewhere
 * @param longer other frequencies for long sequences (LongRoPE)
 */
public record Rope(
        RopePairing pairing, int rotary, List<Double> inverseFrequencies, double magnitude, Optional<Longer> longer) {
    public Rope {
        inverseFrequencies = List.copyOf(inverseFrequencies);
        int others = longer.map(other -> other.inverseFrequencies().size()).orElse(rotary / 2);
        if (rotary <= 0 || rotary % 2 != 0 || inverseFrequencies.size() != rotary / 2 || others != rotary / 2) {
            throw new IllegalArgumentException(
                    "rope over " + rotary + " elements with " + inverseFrequencies.size() + " frequencies");
        }
    }

    /** The same frequencies whatever the length. */
    public Rope(RopePairing pairing, int rotary, List<Double> inverseFrequencies, double magnitude) {
        this(pairing, rotary, inverseFrequencies, magnitude, Optional.empty());
    }

    /**
     * The frequencies of every position of a sequence that is longer than {@code beyond} positions.
     *
     * @param beyond longest sequence with the usual frequencies
     * @param inverseFrequencies {@code rotary / 2} angles per position
     */
    public record Longer(int beyond, List<Double> inverseFrequencies) {
        public Longer {
            inverseFrequencies = List.copyOf(inverseFrequencies);
        }
    }

    /** Whether a sequence of so many positions, cached ones counted, turns with the frequencies of long ones. */
    public boolean isLong(int positions) {
        return longer.isPresent() && positions > longer.get().beyond();
    }
}
