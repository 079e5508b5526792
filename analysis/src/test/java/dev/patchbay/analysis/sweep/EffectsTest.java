package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.zoo.Zoo;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EffectsTest {
    /** Pairs of two tokens; those listed have a span S. */
    private static PromptPairs pairs(int count, List<Integer> withSpan) {
        return PromptPairs.of(java.util.stream.IntStream.range(0, count)
                .mapToObj(pair -> {
                    var spans = withSpan.contains(pair) ? Map.of("S", List.of(0)) : Map.<String, List<Integer>>of();
                    return new PromptPair(
                            "p" + pair,
                            "t" + pair % 2,
                            new Prompt(List.of(1, 2), spans),
                            Optional.of(new Prompt(List.of(3, 2), spans)),
                            List.of(List.of(4)),
                            List.of(List.of(5)),
                            true);
                })
                .toList());
    }

    private static Grid grid(SweepSpecBuilder spec, PromptPairs pairs) {
        return Grid.of(spec.build(), Zoo.open("ioi").architecture(), pairs);
    }

    private static SweepSpecBuilder spans(Direction direction) {
        return SweepSpec.at(Site.Z).by(Axis.SPAN).direction(direction);
    }

    @Test
    void ratiosAreOfMeansAndOnlyOverPairsThatHaveTheCell() {
        // Cells: S (pairs 0 and 1), END (all three).
        double[] patched = {2, 5, 6, 9, Double.NaN, 40};
        double[] base = {0, 2, 1};
        double[] other = {10, 14, 51};
        var effects =
                new EffectsBuilder(grid(spans(Direction.NOISE), pairs(3, List.of(0, 1))), patched, base, other).build();
        assertArrayEquals(new int[] {2, 3}, effects.count());
        assertArrayEquals(new double[] {3, 17}, effects.delta());
        assertEquals(3.0 / 11, effects.effect()[0]);
        assertEquals(17.0 / 24, effects.effect()[1]);
        // Noise: base is clean. (4 − 12)/(1 − 12), (18 − 25)/(1 − 25).
        assertEquals(8.0 / 11, effects.restored()[0]);
        assertEquals(7.0 / 24, effects.restored()[1], 1e-15);
        assertArrayEquals(base, effects.clean());
        assertArrayEquals(other, effects.corrupted().orElseThrow());
        assertTrue(effects.notes().isEmpty(), effects.notes().toString());
    }

    @Test
    void inBothDirectionsOneMeansThatThePatchAloneTurnsBaseIntoOther() {
        double[] low = {1, 2};
        double[] high = {5, 6};
        for (var direction : Direction.values()) {
            double[] base = direction == Direction.NOISE ? high : low;
            double[] other = direction == Direction.NOISE ? low : high;
            double[] patched = {other[0], base[0], other[1], base[1]};
            var effects =
                    new EffectsBuilder(grid(spans(direction), pairs(2, List.of(0, 1))), patched, base, other).build();
            assertArrayEquals(new double[] {1, 0}, effects.effect());
            boolean noise = direction == Direction.NOISE;
            assertArrayEquals(noise ? new double[] {0, 1} : new double[] {1, 0}, effects.restored());
            assertArrayEquals(high, effects.clean());
        }
    }

    @Test
    void aSmallGapGivesNoRatioAndSaysWhy() {
        double[] patched = {1, 1, 2, 2};
        var near = new EffectsBuilder(
                        grid(spans(Direction.NOISE), pairs(2, List.of(0, 1))),
                        patched,
                        new double[] {1, 1},
                        new double[] {1.04, 1.04})
                .build();
        assertTrue(Double.isNaN(near.effect()[0]) && Double.isNaN(near.restored()[0]));
        assertEquals(0.5, near.delta()[0]);
        assertTrue(
                near.notes().getFirst().contains("less than 0.05"), near.notes().toString());
        // Gaps 0 and 3 of two templates: mean 1.5, standard error 1.5.
        var noisy = new EffectsBuilder(
                        grid(spans(Direction.NOISE), pairs(2, List.of(0, 1))),
                        patched,
                        new double[] {1, 1},
                        new double[] {1, 4})
                .build();
        assertTrue(Double.isNaN(noisy.effect()[1]));
        assertTrue(
                noisy.notes().getFirst().contains("two standard errors"),
                noisy.notes().toString());
    }

    @Test
    void ablationsWithoutAnOtherRunGiveDeltaAlone() {
        var spec = SweepSpec.at(Site.Z).by(Axis.SPAN).method(new Method.Zero());
        var effects = new EffectsBuilder(
                        grid(spec, pairs(2, List.of(0, 1))),
                        new double[] {1, 2, 3, 4},
                        new double[] {1, 1},
                        new double[0])
                .build();
        assertEquals(Optional.empty(), effects.corrupted().map(Arrays::toString));
        assertArrayEquals(new double[] {1, 2}, effects.delta());
        assertTrue(Double.isNaN(effects.effect()[0]));
    }

    @Test
    void aNaNOfTheModelIsNotHidden() {
        double[] patched = {Double.NaN, 1, 2, 2};
        var effects = new EffectsBuilder(
                        grid(spans(Direction.NOISE), pairs(2, List.of(0, 1))),
                        patched,
                        new double[] {0, 0},
                        new double[] {9, 9})
                .build();
        assertTrue(Double.isNaN(effects.delta()[0]));
        assertEquals(2, effects.count()[0]);
        assertEquals(1.5, effects.delta()[1]);
    }

    @Test
    void standardErrorsAreClusteredByTemplate() {
        double[] values = {1, 3, 7, 9};
        assertEquals(Math.sqrt(40.0 / 3 / 4), PairStatistics.standardError(values, List.of("a", "a", "a", "a")), 1e-12);
        // Residual sums −6 and 6 of two clusters: √(2 · 72) / 4.
        assertEquals(3, PairStatistics.standardError(values, List.of("a", "a", "b", "b")), 1e-12);
        assertEquals(0, PairStatistics.standardError(values, List.of("a", "b", "b", "a")), 1e-12);
        assertTrue(Double.isNaN(PairStatistics.standardError(new double[] {1}, List.of("a"))));
    }
}
