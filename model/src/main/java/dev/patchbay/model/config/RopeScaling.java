package dev.patchbay.model.config;

import java.util.List;
import java.util.OptionalDouble;

/** How rotary frequencies are changed for longer contexts. */
public sealed interface RopeScaling {
    /** Unchanged, {@code θ^(−2i/rd)}. */
    record None() implements RopeScaling {}

    /** Every frequency divided by {@code factor}. */
    record Linear(double factor) implements RopeScaling {}

    /**
     * Llama 3.1: wavelengths above {@code original / low} are stretched by {@code factor}, those below {@code original / high}
     * kept, those between blended.
     *
     * @param original context length of the pre-training
     */
    record Llama3(double factor, double low, double high, double original) implements RopeScaling {}

    /**
     * YaRN (Peng et al. 2023, arXiv:2309.00071): blended by the number of turns over the original length.
     *
     * @param original context length of the pre-training
     * @param betaFast turns above which a frequency is kept
     * @param betaSlow turns below which it is divided by {@code factor}
     * @param truncate whether the ends of the blend are rounded outwards to whole indices
     * @param attentionFactor magnitude of cosine and sine, where the configuration gives it
     * @param mscale numerator's weight of the magnitude, 0 for not given
     * @param mscaleAllDimensions denominator's weight of the magnitude, 0 for not given
     */
    record Yarn(
            double factor,
            double original,
            double betaFast,
            double betaSlow,
            boolean truncate,
            OptionalDouble attentionFactor,
            double mscale,
            double mscaleAllDimensions)
            implements RopeScaling {}

    /**
     * LongRoPE (Ding et al. 2024, arXiv:2402.13753): every frequency has its own divisor, another one for sequences longer
     * than the original length.
     *
     * @param original context length of the pre-training
     * @param factor by which the context grew; decides the magnitude
     * @param attentionFactor magnitude of cosine and sine, where the configuration gives it
     */
    record LongRope(
            List<Double> shortDivisors,
            List<Double> longDivisors,
            int original,
            double factor,
            OptionalDouble attentionFactor)
            implements RopeScaling {
        public LongRope {
            shortDivisors = List.copyOf(shortDivisors);
            longDivisors = List.copyOf(longDivisors);
        }
    }
}
