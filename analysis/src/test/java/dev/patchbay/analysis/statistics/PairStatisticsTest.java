package dev.patchbay.analysis.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PairStatisticsTest {
    private static final long SEED = 3;

    private static List<String> templates(int pairs, int templates) {
        return IntStream.range(0, pairs)
                .mapToObj(pair -> "t" + pair % templates)
                .toList();
    }

    private static double[] values(int pairs, long seed) {
        var random = new SplittableRandom(seed);
        return IntStream.range(0, pairs)
                .mapToDouble(_ -> 2 + random.nextGaussian())
                .toArray();
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

    @Test
    void quantilesOfTAreThoseOfTheTables() {
        double[] expected = {12.706204736, 4.302652730, 3.182446305, 2.776445105, 2.262157163, 2.144786688, 1.962341461
        };
        int[] freedom = {1, 2, 3, 4, 9, 14, 999};
        for (int i = 0; i < freedom.length; i++) {
            assertEquals(expected[i], StudentT.quantile(0.975, freedom[i]), 1e-7);
        }
    }

    @Test
    void twoTemplatesGiveTOverTheirTwoMeans() {
        var found = PairStatistics.interval(new double[] {1, 3, 7, 9}, List.of("a", "a", "b", "b"), SEED);
        assertEquals(5, found.value());
        assertEquals(5 - 12.706204736 * 3, found.low(), 1e-6);
        assertEquals(5 + 12.706204736 * 3, found.high(), 1e-6);
        assertTrue(found.isOfFewPairs());
        assertFalse(
                PairStatistics.interval(values(10, 1), templates(10, 1), SEED).isOfFewPairs());
    }

    @Test
    void equalValuesHaveAnIntervalOfNoWidthAndOneValueHasNone() {
        for (int templates : new int[] {1, 2, 5}) {
            var same = PairStatistics.interval(
                    Collections.nCopies(20, 0.1).stream().mapToDouble(x -> x).toArray(),
                    templates(20, templates),
                    SEED);
            assertEquals(0.1, same.low(), 1e-15);
            assertEquals(0.1, same.high(), 1e-15);
        }
        var one = PairStatistics.interval(new double[] {4}, List.of("a"), SEED);
        assertEquals(4, one.value());
        assertTrue(Double.isNaN(one.low()) && Double.isNaN(one.standardError()));
    }

    @Test
    void aFewValuesThatAreNotZeroStillGiveAFiniteInterval() {
        var mostly = new double[12];
        mostly[3] = 1;
        var found = PairStatistics.interval(mostly, templates(12, 1), SEED);
        assertTrue(Double.isFinite(found.low()) && Double.isFinite(found.high()), found::toString);
        assertTrue(found.low() < found.value() && found.value() < found.high());
    }

    @Test
    void theIntervalFollowsScaleAndShiftAndTheSeedAlone() {
        for (int templates : new int[] {1, 6}) {
            var names = templates(30, templates);
            var values = values(30, 5);
            var found = PairStatistics.interval(values, names, SEED);
            assertEquals(found, PairStatistics.interval(values, names, SEED));
            assertTrue(found.low()
                    != PairStatistics.interval(values, names, SEED + 1).low());
            var moved = PairStatistics.interval(
                    Arrays.stream(values).map(value -> 3 * value + 10).toArray(), names, SEED);
            assertEquals(3 * found.low() + 10, moved.low(), 1e-9);
            assertEquals(3 * found.high() + 10, moved.high(), 1e-9);
        }
    }

    @Test
    void columnsDoNotDependOnTheirNeighbours() {
        var names = templates(40, 8);
        var data = IntStream.range(0, 70).mapToObj(column -> values(40, column)).toList();
        var together = Intervals.ofMeans(names, SEED).of((pair, column) -> data.get(column)[pair], data.size());
        for (int column = 0; column < data.size(); column++) {
            var alone = PairStatistics.interval(data.get(column), names, SEED);
            assertEquals(alone.low(), together.low()[column]);
            assertEquals(alone.high(), together.high()[column]);
        }
    }

    @Test
    void aRatioToOnesIsAMeanAndToItselfExactlyOne() {
        var names = templates(30, 6);
        var values = values(30, 9);
        var ones = new double[30];
        Arrays.fill(ones, 1);
        assertEquals(PairStatistics.interval(values, names, SEED), PairStatistics.ratio(values, ones, names, SEED));
        var itself = PairStatistics.ratio(values, values, names, SEED);
        assertArrayEquals(new double[] {1, 1, 1}, new double[] {itself.value(), itself.low(), itself.high()}, 1e-12);
    }

    @Test
    void aPairedComparisonSeesWhatTheScatterOfPairsHides() {
        var names = templates(30, 1);
        var first = Arrays.stream(values(30, 2)).map(value -> 100 * value).toArray();
        var second = first.clone();
        Arrays.setAll(second, pair -> first[pair] - 1 - 0.1 * (pair % 3));
        var difference = PairStatistics.difference(first, second, names, SEED);
        assertEquals(1.1, difference.value(), 1e-9);
        assertTrue(difference.low() > 1 && difference.high() < 1.2, difference::toString);
        assertThrows(
                IllegalArgumentException.class, () -> PairStatistics.difference(first, new double[2], names, SEED));
    }
}
