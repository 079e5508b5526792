package dev.patchbay.model.config;

import dev.patchbay.device.Ops.RopePairing;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Rotary frequencies, computed in double precision. Formulas: {@code modeling_rope_utils.py} of transformers. */
public final class Ropes {
    private Ropes() {}

    /**
     * The rotation of a layer.
     *
     * @param pairing which elements turn together
     * @param rotary leading elements of a head that turn, even
     * @param theta base of the frequencies
     * @param scaling change for longer contexts
     */
    public static Rope of(RopePairing pairing, int rotary, double theta, RopeScaling scaling) {
        var plain = IntStream.range(0, rotary / 2)
                .mapToObj(index -> Math.pow(theta, -2.0 * index / rotary))
                .toList();
        return switch (scaling) {
            case RopeScaling.None _ -> new Rope(pairing, rotary, plain, 1);
            case RopeScaling.Linear linear ->
                new Rope(
                        pairing,
                        rotary,
                        plain.stream().map(inverse -> inverse / linear.factor()).toList(),
                        1);
            case RopeScaling.Llama3 llama ->
                new Rope(
                        pairing,
                        rotary,
                        plain.stream().map(inverse -> stretched(inverse, llama)).toList(),
                        1);
            case RopeScaling.Yarn yarn ->
                new Rope(pairing, rotary, blended(plain, rotary, theta, yarn), magnitude(yarn));
            case RopeScaling.LongRope longRope ->
                new Rope(
                        pairing,
                        rotary,
                        divided(plain, longRope.shortDivisors()),
                        magnitude(longRope),
                        Optional.of(new Rope.Longer(longRope.original(), divided(plain, longRope.longDivisors()))));
        };
    }

    private static double stretched(double inverse, RopeScaling.Llama3 llama) {
        double wavelength = 2 * Math.PI / inverse;
        if (wavelength < llama.original() / llama.high()) {
            return inverse;
        }
        if (wavelength > llama.original() / llama.low()) {
            return inverse / llama.factor();
        }
        double keep = (llama.original() / wavelength - llama.low()) / (llama.high() - llama.low());
        return (1 - keep) * inverse / llama.factor() + keep * inverse;
    }

    private static List<Double> blended(List<Double> plain, int rotary, double theta, RopeScaling.Yarn yarn) {
        double low = index(yarn.betaFast(), rotary, theta, yarn);
        double high = index(yarn.betaSlow(), rotary, theta, yarn);
        if (yarn.truncate()) {
            low = Math.floor(low);
            high = Math.ceil(high);
        }
        double begin = Math.max(low, 0);
        double bounded = Math.min(high, rotary - 1);
        double end = bounded == begin ? bounded + 0.001 : bounded;
        return IntStream.range(0, plain.size())
                .mapToObj(index -> {
                    double inverse = plain.get(index);
                    double ramp = Math.clamp((index - begin) / (end - begin), 0, 1);
                    return inverse / yarn.factor() * ramp + inverse * (1 - ramp);
                })
                .toList();
    }

    /** The index, not rounded, of the frequency that makes this many turns over the original length. */
    private static double index(double turns, int rotary, double theta, RopeScaling.Yarn yarn) {
        return rotary * Math.log(yarn.original() / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    }

    private static double magnitude(RopeScaling.Yarn yarn) {
        if (yarn.attentionFactor().isPresent()) {
            return yarn.attentionFactor().getAsDouble();
        }
        if (yarn.mscale() != 0 && yarn.mscaleAllDimensions() != 0) {
            return growth(yarn.factor(), yarn.mscale()) / growth(yarn.factor(), yarn.mscaleAllDimensions());
        }
        return growth(yarn.factor(), 1);
    }

    private static List<Double> divided(List<Double> plain, List<Double> divisors) {
        return IntStream.range(0, plain.size())
                .mapToObj(index -> plain.get(index) / divisors.get(index))
                .toList();
    }

    private static double magnitude(RopeScaling.LongRope longRope) {
        double usual =
                longRope.factor() <= 1 ? 1 : Math.sqrt(1 + Math.log(longRope.factor()) / Math.log(longRope.original()));
        return longRope.attentionFactor().orElse(usual);
    }

    private static double growth(double factor, double weight) {
        return factor > 1 ? 0.1 * weight * Math.log(factor) + 1 : 1;
    }
}
