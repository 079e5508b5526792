package dev.patchbay.model.config;

import dev.patchbay.device.Ops.RopePairing;
import java.util.List;

/**
 * Rotary positions of a layer, with every scaling already worked into the frequencies.
 *
 * @param pairing which elements turn together
 * @param rotary leading elements of a head that are rotated, even
 * @param inverseFrequencies {@code rotary / 2} angles per position
 * @param magnitude factor of cosine and sine (YaRN, LongRoPE), 1 elsewhere
 */
public record Rope(RopePairing pairing, int rotary, List<Double> inverseFrequencies, double magnitude) {
    public Rope {
        inverseFrequencies = List.copyOf(inverseFrequencies);
        if (rotary <= 0 || rotary % 2 != 0 || inverseFrequencies.size() != rotary / 2) {
            throw new IllegalArgumentException(
                    "rope over " + rotary + " elements with " + inverseFrequencies.size() + " frequencies");
        }
    }
}
