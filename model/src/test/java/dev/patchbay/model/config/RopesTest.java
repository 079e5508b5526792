package dev.patchbay.model.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patchbay.device.Ops.RopePairing;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Frequencies of published models, as transformers computes them (nine digits of a float32). */
class RopesTest {
    private static void assertFrequencies(Rope rope, Map<Integer, Double> expected, double sum) {
        expected.forEach((index, value) ->
                assertEquals(value, rope.inverseFrequencies().get(index), 1e-6 * value, "index " + index));
        assertEquals(
                sum,
                rope.inverseFrequencies().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum(),
                1e-6 * sum);
    }

    @Test
    void llama31Of8Billion() {
        var rope = Ropes.of(RopePairing.HALF, 128, 5e5, new RopeScaling.Llama3(8, 1, 4, 8192));
        assertFrequencies(
                rope,
                Map.of(
                        0, 1.0,
                        1, 0.814617217,
                        28, 0.00321144611,
                        29, 0.00216657063,
                        32, 0.000524846022,
                        35, 9.55621217e-05,
                        36, 7.78465546e-05,
                        63, 3.06892588e-07),
                5.38605826);
        assertEquals(1, rope.magnitude());
    }

    @Test
    void llama32Of1Billion() {
        assertFrequencies(
                Ropes.of(RopePairing.HALF, 64, 5e5, new RopeScaling.Llama3(32, 1, 4, 8192)),
                Map.of(15, 0.00129054801, 17, 9.70828623e-05, 31, 9.41830649e-08),
                2.9682024);
    }

    private static RopeScaling.Yarn yarn(boolean truncate, double mscale, double all, OptionalDouble attentionFactor) {
        return new RopeScaling.Yarn(32, 4096, 32, 1, truncate, attentionFactor, mscale, all);
    }

    @Test
    void gptOss() {
        var rope = Ropes.of(RopePairing.HALF, 64, 1.5e5, yarn(false, 0, 0, OptionalDouble.empty()));
        assertFrequencies(
                rope, Map.of(8, 0.0508132726, 12, 0.00679495931, 16, 0.000456483918, 31, 3.0235114e-07), 3.18043826);
        assertEquals(1.34657359, rope.magnitude(), 1e-8);
    }

    @Test
    void yarnMagnitudeIsGivenOrARatioOrTheUsual() {
        assertEquals(
                0.5,
                Ropes.of(RopePairing.HALF, 8, 1e4, yarn(true, 1, 1, OptionalDouble.of(0.5)))
                        .magnitude());
        assertEquals(
                (0.1 * 0.707 * Math.log(32) + 1) / (0.1 * 0.5 * Math.log(32) + 1),
                Ropes.of(RopePairing.HALF, 8, 1e4, yarn(true, 0.707, 0.5, OptionalDouble.empty()))
                        .magnitude(),
                1e-12);
    }

    @Test
    void plainAndLinearAreClosedForms() {
        var plain = Ropes.of(RopePairing.PAIR, 6, 1000, new RopeScaling.None());
        var linear = Ropes.of(RopePairing.PAIR, 6, 1000, new RopeScaling.Linear(4));
        for (int index = 0; index < 3; index++) {
            assertEquals(Math.pow(10, -index), plain.inverseFrequencies().get(index), 1e-15);
            assertEquals(Math.pow(10, -index) / 4, linear.inverseFrequencies().get(index), 1e-15);
        }
        assertEquals(RopePairing.PAIR, plain.pairing());
    }
}
