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
    private static final double[] NONE = new double[0];

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
        var effects = new EffectsBuilder(
                        grid(spans(Direction.NOISE), pairs(3, List.of(0, 1))), patched, base, other, NONE)
                .build();
        assertArrayEquals(new int[] {2, 3}, effects.count());
        assertArrayEquals(new double[] {3, 17}, effects.delta());
        assertEquals(3.0 / 11, effects.effect()[0]);
        assertEquals(17.0 / 24, effects.effect()[1]);
        // Noise: base is clean. (4 − 12)/(1 − 12), (18 − 25)/(1 − 25).
        assertEquals(8.0 / 11, effects.restored()[0]);
        assertEquals(7.0 / 24, effects.restored()[1], 1e-15);
        assertArrayEquals(base, effects.clean());
        assertArrayEquals(other, effects.corrupted().orElseThrow());
        assertEquals(List.of("few pairs: intervals rest on as few as 2"), effects.notes());
    }

    @Test
    void inBothDirectionsOneMeansThatThePatchAloneTurnsBaseIntoOther() {
        double[] low = {1, 2};
        double[] high = {5, 6};
        for (var direction : Direction.values()) {
            double[] base = direction == Direction.NOISE ? high : low;
            double[] other = direction == Direction.NOISE ? low : high;
            double[] patched = {other[0], base[0], other[1], base[1]};
            var effects = new EffectsBuilder(
                            grid(spans(direction), pairs(2, List.of(0, 1))), patched, base, other, NONE)
                    .build();
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
                        new double[] {1.04, 1.04},
                        NONE)
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
                        new double[] {1, 4},
                        NONE)
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
                        grid(spec, pairs(2, List.of(0, 1))), new double[] {1, 2, 3, 4}, new double[] {1, 1}, NONE, NONE)
                .build();
        assertEquals(Optional.empty(), effects.corrupted().map(Arrays::toString));
        assertArrayEquals(new double[] {1, 2}, effects.delta());
        assertTrue(Double.isNaN(effects.effect()[0]));
    }

    @Test
    void aNaNOfTheModelIsKeptAndFlaggedAndNeverAveraged() {
        double[] patched = {Double.NaN, 1, 2, 2};
        var effects = new EffectsBuilder(
                        grid(spans(Direction.NOISE), pairs(2, List.of(0, 1))),
                        patched,
                        new double[] {0, 0},
                        new double[] {9, 9},
                        NONE)
                .build();
        assertTrue(Double.isNaN(effects.patched()[0]));
        assertEquals(2, effects.delta()[0]);
        assertArrayEquals(new int[] {1, 2}, effects.count());
        assertArrayEquals(new int[] {1, 0}, effects.notFinite());
        assertEquals(1.5, effects.delta()[1]);
        assertTrue(
                effects.notes().getFirst().startsWith("1 of the patched runs"),
                effects.notes().toString());
        // A base run that overflows takes its pair out of every cell.
        var lost = new EffectsBuilder(
                        grid(spans(Direction.NOISE), pairs(2, List.of(0, 1))),
                        new double[] {1, 2, 3, 4},
                        new double[] {Double.POSITIVE_INFINITY, 0},
                        new double[] {9, 9},
                        NONE)
                .build();
        assertArrayEquals(new double[] {3, 4}, lost.delta());
        assertArrayEquals(new int[] {1, 1}, lost.notFinite());
    }

    @Test
    void directAndIndirectAddUpToTheTotal() {
        double[] patched = {2, 5, 6, 9};
        double[] direct = {1, Double.NaN, 3, Double.NaN};
        var effects = new EffectsBuilder(
                        grid(spans(Direction.NOISE), pairs(2, List.of(0, 1))),
                        patched,
                        new double[] {0, 2},
                        new double[] {10, 14},
                        direct)
                .build();
        var parts = effects.direct().orElseThrow();
        assertEquals(3, effects.delta()[0]);
        assertEquals(1, parts.direct().value()[0]);
        assertEquals(2, parts.indirect().value()[0]);
        assertEquals(1.0 / 11, parts.directEffect()[0]);
        assertEquals(2.0 / 11, parts.indirectEffect()[0]);
        assertTrue(Double.isNaN(parts.direct().value()[1])
                && Double.isNaN(parts.indirect().high()[1]));
        assertEquals(6, effects.delta()[1]);
    }
}
