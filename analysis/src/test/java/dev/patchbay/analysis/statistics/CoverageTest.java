package dev.patchbay.analysis.statistics;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How often the 95 % intervals hold the truth, over simulated data whose truth is known: 8 to 1000 pairs of 1 to 15 templates.
 * A template shifts all its pairs by a normal amount; pairs scatter normally or with skewness 1. {@code patchbay.coverage}
 * sets the number of data sets of a case (default 3,000, and 500 where there are more than 40 pairs).
 */
class CoverageTest {
    private static final int ASKED = Integer.getInteger("patchbay.coverage", 0);
    private static final double TRUTH = 0.7;
    private static final int[][] SIZES = {
        {8, 1},
        {8, 2},
        {8, 4},
        {12, 1},
        {12, 3},
        {20, 5},
        {30, 1},
        {40, 8},
        {100, 1},
        {100, 2},
        {105, 15},
        {200, 4},
        {200, 10},
        {1000, 1},
        {1000, 3},
        {1000, 15}
    };

    enum Scatter {
        NORMAL,
        SKEWED;

        /** Mean 0, variance 1. */
        double draw(SplittableRandom random) {
            if (this == NORMAL) {
                return random.nextGaussian();
            }
            double sum = 0;
            for (int i = 0; i < 4; i++) {
                sum += random.nextExponential();
            }
            return (sum - 4) / 2;
        }
    }

    record Case(int pairs, int templates, Scatter scatter, boolean ratio) {
        /** Share of data sets whose interval holds the truth. */
        double coverage(int sets) {
            var random = new SplittableRandom(31L * pairs + 7L * templates + (scatter == Scatter.SKEWED ? 1 : 0));
            var names = IntStream.range(0, pairs)
                    .mapToObj(pair -> "t" + pair % templates)
                    .toList();
            int held = 0;
            // Data sets that share the draws of one seed.
            int shared = ratio ? 1 : 100;
            for (int done = 0; done < sets; done += shared) {
                int each = Math.min(shared, sets - done);
                held += ratio ? ratios(names, each, random) : means(names, each, random);
            }
            return (double) held / sets;
        }

        /** The share of variance that lies between templates is a quarter. */
        private double[] values(SplittableRandom random) {
            var shifts = IntStream.range(0, templates)
                    .mapToDouble(_ -> templates == 1 ? 0 : 0.5 * random.nextGaussian())
                    .toArray();
            double within = templates == 1 ? 1 : Math.sqrt(0.75);
            return IntStream.range(0, pairs)
                    .mapToDouble(pair -> shifts[pair % templates] + within * scatter.draw(random))
                    .toArray();
        }

        private int means(List<String> names, int sets, SplittableRandom random) {
            var data = new ArrayList<double[]>();
            for (int set = 0; set < sets; set++) {
                data.add(values(random));
            }
            var found =
                    Intervals.ofMeans(names, random.nextLong()).of((pair, set) -> TRUTH + data.get(set)[pair], sets);
            return held(found);
        }

        /** Denominators of mean 2 that go along with the numerators. */
        private int ratios(List<String> names, int sets, SplittableRandom random) {
            int held = 0;
            for (int set = 0; set < sets; set++) {
                var gaps = values(random);
                var rest = values(random);
                for (int pair = 0; pair < pairs; pair++) {
                    gaps[pair] = 2 + 0.5 * gaps[pair];
                }
                held += held(Intervals.ofRatios(gaps, names, random.nextLong())
                        .of((pair, _) -> TRUTH * gaps[pair] + rest[pair], 1));
            }
            return held;
        }

        private static int held(Estimates found) {
            return (int) IntStream.range(0, found.value().length)
                    .filter(set -> found.low()[set] <= TRUTH && TRUTH <= found.high()[set])
                    .count();
        }
    }

    static Stream<Case> cases() {
        return Arrays.stream(SIZES)
                .flatMap(size -> Stream.of(
                                new Case(size[0], size[1], Scatter.NORMAL, false),
                                new Case(size[0], size[1], Scatter.SKEWED, false),
                                new Case(size[0], size[1], Scatter.NORMAL, true))
                        .filter(each -> !each.ratio || each.pairs <= 100));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void intervalsHoldTheTruthAsOftenAsTheySay(Case each) {
        int sets = ASKED > 0 ? ASKED : each.pairs > 40 ? 500 : 3000;
        double coverage = each.coverage(sets);
        // So few data sets leave a scatter of their own.
        double scatter = ASKED > 0 ? 0 : 2 * Math.sqrt(0.95 * 0.05 / sets);
        if (ASKED > 0) {
            System.out.printf(Locale.ROOT, "%.4f %s%n", coverage, each);
        }
        assertTrue(
                coverage >= 0.93 - scatter && coverage <= 0.97 + scatter, () -> each + " holds the truth " + coverage);
    }
}
