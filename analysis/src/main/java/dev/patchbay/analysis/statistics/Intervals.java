package dev.patchbay.analysis.statistics;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;

/**
 * 95 % intervals of means over prompt pairs, and of ratios of such means, for many columns at once.
 *
 * <p>With x_i the numerators, d_i the denominators (1 for means) and θ = Σx/Σd, the standard error is that of the linearised
 * estimate, over the residuals e_i = x_i − θ·d_i: √(n/(n−1)·Σe_i²)/|Σd| for one template, else clustered over the G
 * templates: √(G/(G−1)·Σ_g(Σ_{i∈g}e_i)²)/|Σd|.
 *
 * <p>The interval is the bootstrap-t (Efron and Tibshirani 1993, section 12.5): in each of {@value #DRAWS} seeded draws,
 * templates are drawn, then pairs within each drawn template, numerator and denominator together; θ* and its own standard
 * error give t* = (θ*−θ)/s*, and the interval is θ − s·q with q the 97.5 % and the 2.5 % quantile of t*. With one template the
 * pairs are drawn. With two or three templates there are too few different draws of templates: there, and where draws without
 * any spread leave no finite quantile, the interval is θ ± t·s, t with G−1 (one template: n−1) degrees of freedom. Simulated
 * coverage is a test. Immutable, for any thread; large tables use all processors, and the numbers do not depend on it.
 */
public final class Intervals {
    /** Number of draws. */
    public static final int DRAWS = 2000;

    /** Fewest templates that are drawn from. */
    private static final int FEWEST = 4;

    private static final double TAIL = 0.025;
    private static final int BLOCK = 32;
    /** A draw whose error is this much smaller than the estimate's has no spread but rounding. */
    private static final double NOTHING = 1e-9;

    private final double[] denominators;
    /** Per template, its pairs. */
    private final int[][] groups;

    private final long seed;
    private final double total;
    private final double critical;

    private Intervals(double[] denominators, List<String> templates, long seed) {
        if (denominators.length != templates.size()) {
            throw new IllegalArgumentException(denominators.length + " pairs with " + templates.size() + " templates");
        }
        this.denominators = denominators;
        this.seed = seed;
        var members = new LinkedHashMap<String, IntStream.Builder>();
        for (int pair = 0; pair < denominators.length; pair++) {
            members.computeIfAbsent(templates.get(pair), _ -> IntStream.builder())
                    .add(pair);
        }
        groups = members.values().stream().map(group -> group.build().toArray()).toArray(int[][]::new);
        total = Arrays.stream(denominators).sum();
        int freedom = (groups.length == 1 ? denominators.length : groups.length) - 1;
        critical = freedom < 1 ? Double.NaN : StudentT.quantile(1 - TAIL, freedom);
    }

    /** Intervals of means. */
    public static Intervals ofMeans(List<String> templates, long seed) {
        var ones = new double[templates.size()];
        Arrays.fill(ones, 1);
        return new Intervals(ones, templates, seed);
    }

    /** Intervals of ratios to the mean of {@code denominators}, one a pair. */
    public static Intervals ofRatios(double[] denominators, List<String> templates, long seed) {
        return new Intervals(denominators.clone(), templates, seed);
    }

    /** The numerators. */
    @FunctionalInterface
    public interface Values {
        /** The value of a pair in a column. */
        double at(int pair, int column);
    }

    /** How the intervals of a table with so many pairs and templates are made, in words. */
    public static String method(int templates) {
        return templates == 2 || templates == 3
                ? "t over templates"
                : templates == 1 ? "bootstrap-t over pairs" : "bootstrap-t over templates and pairs";
    }

    /** The estimates of columns {@code [0, columns)}. A value that is not finite makes its column NaN. */
    public Estimates of(Values values, int columns) {
        var estimates = Estimates.none(columns);
        var blocks = IntStream.range(0, (columns + BLOCK - 1) / BLOCK);
        blocks.parallel().forEach(block -> {
            int first = block * BLOCK;
            new Columns(values, first, Math.min(BLOCK, columns - first)).estimate(estimates);
        });
        return estimates;
    }

    Interval interval(Values values) {
        var one = of(values, 1);
        return new Interval(
                one.value()[0],
                one.standardError()[0],
                one.low()[0],
                one.high()[0],
                denominators.length,
                groups.length);
    }

    double standardError(Values values) {
        return new Columns(values, 0, 1).errors[0];
    }

    /** Some neighbouring columns. */
    private final class Columns {
        private final int first;
        private final int width;
        /** {@code [pairs, width]}: numerator − θ · denominator. */
        private final double[] residuals;

        private final double[] estimates;
        private final double[] errors;

        Columns(Values values, int first, int width) {
            this.first = first;
            this.width = width;
            int pairs = denominators.length;
            residuals = new double[pairs * width];
            estimates = new double[width];
            errors = new double[width];
            for (int pair = 0; pair < pairs; pair++) {
                for (int column = 0; column < width; column++) {
                    double value = values.at(pair, first + column);
                    residuals[pair * width + column] = value;
                    estimates[column] += value;
                }
            }
            for (int column = 0; column < width; column++) {
                // A zero has no sign.
                estimates[column] = estimates[column] / total + 0.0;
                for (int pair = 0; pair < pairs; pair++) {
                    residuals[pair * width + column] -= estimates[column] * denominators[pair];
                }
                errors[column] = error(column);
            }
        }

        private double error(int column) {
            int parts = groups.length == 1 ? denominators.length : groups.length;
            double squares = 0;
            for (int[] group : groups) {
                double sum = 0;
                for (int pair : group) {
                    double residual = residuals[pair * width + column];
                    sum += residual;
                    squares += groups.length == 1 ? residual * residual : 0;
                }
                squares += groups.length == 1 ? 0 : sum * sum;
            }
            return parts < 2 ? Double.NaN : Math.sqrt(squares * parts / (parts - 1)) / Math.abs(total);
        }

        void estimate(Estimates into) {
            boolean drawn = groups.length == 1 ? denominators.length > 1 : groups.length >= FEWEST;
            var ratios = drawn ? draws() : new double[0];
            for (int column = 0; column < width; column++) {
                double estimate = estimates[column];
                double error = errors[column];
                double low = -critical;
                double high = critical;
                if (drawn && error > 0) {
                    var own = Arrays.copyOfRange(ratios, column * DRAWS, (column + 1) * DRAWS);
                    Arrays.sort(own);
                    double left = quantile(own, TAIL);
                    double right = quantile(own, 1 - TAIL);
                    if (Double.isFinite(left) && Double.isFinite(right)) {
                        low = -right;
                        high = -left;
                    }
                }
                into.value()[first + column] = estimate;
                into.standardError()[first + column] = error;
                into.low()[first + column] = estimate + low * error;
                into.high()[first + column] = estimate + high * error;
            }
        }

        /** t* of every column and draw, {@code [width, DRAWS]}. */
        private double[] draws() {
            var random = new java.util.SplittableRandom(seed);
            var ratios = new double[width * DRAWS];
            var draw = groups.length == 1 ? new PairDraw(this) : new TemplateDraw(this);
            for (int number = 0; number < DRAWS; number++) {
                draw.next(random);
                for (int column = 0; column < width; column++) {
                    double shift = draw.sum(column) / draw.total();
                    double error = Math.sqrt(draw.squares(column, shift)) / Math.abs(draw.total());
                    ratios[column * DRAWS + number] = studentised(shift, error, errors[column]);
                }
            }
            return ratios;
        }

        private static double studentised(double shift, double error, double scale) {
            if (error > NOTHING * scale) {
                return shift / error;
            }
            return Math.abs(shift) <= NOTHING * scale ? 0 : Math.copySign(Double.POSITIVE_INFINITY, shift);
        }
    }

    /** One draw of pairs, of every column. */
    private interface Draw {
        void next(java.util.SplittableRandom random);

        /** Sum of the drawn denominators. */
        double total();

        /** Sum of a column's drawn residuals. */
        double sum(int column);

        /** Sum of squares of what is left of them at an estimate {@code shift} away, with its small-sample factor. */
        double squares(int column, double shift);
    }

    /** Pairs drawn from one template. */
    private final class PairDraw implements Draw {
        private final Columns columns;
        private final double[] sums;
        private final double[] squares;
        private final double[] products;
        private double drawn;
        private double drawnSquares;

        PairDraw(Columns columns) {
            this.columns = columns;
            sums = new double[columns.width];
            squares = new double[columns.width];
            products = new double[columns.width];
        }

        @Override
        public void next(java.util.SplittableRandom random) {
            Arrays.fill(sums, 0);
            Arrays.fill(squares, 0);
            Arrays.fill(products, 0);
            drawn = 0;
            drawnSquares = 0;
            double[] residuals = columns.residuals;
            int width = columns.width;
            for (int i = 0; i < denominators.length; i++) {
                int pair = random.nextInt(denominators.length);
                double denominator = denominators[pair];
                drawn += denominator;
                drawnSquares += denominator * denominator;
                int row = pair * width;
                for (int column = 0; column < width; column++) {
                    double residual = residuals[row + column];
                    sums[column] += residual;
                    squares[column] += residual * residual;
                    products[column] += residual * denominator;
                }
            }
        }

        @Override
        public double total() {
            return drawn;
        }

        @Override
        public double sum(int column) {
            return sums[column];
        }

        @Override
        public double squares(int column, double shift) {
            double left = squares[column] - 2 * shift * products[column] + shift * shift * drawnSquares;
            return Math.max(left, 0) * denominators.length / (denominators.length - 1);
        }
    }

    /** Templates drawn, then pairs of each. */
    private final class TemplateDraw implements Draw {
        private final Columns columns;
        /** {@code [templates, width]}. */
        private final double[] sums;

        private final double[] drawn = new double[groups.length];

        TemplateDraw(Columns columns) {
            this.columns = columns;
            sums = new double[groups.length * columns.width];
        }

        @Override
        public void next(java.util.SplittableRandom random) {
            Arrays.fill(sums, 0);
            double[] residuals = columns.residuals;
            int width = columns.width;
            for (int place = 0; place < groups.length; place++) {
                int[] group = groups[random.nextInt(groups.length)];
                drawn[place] = 0;
                int to = place * width;
                for (int i = 0; i < group.length; i++) {
                    int pair = group[random.nextInt(group.length)];
                    drawn[place] += denominators[pair];
                    int row = pair * width;
                    for (int column = 0; column < width; column++) {
                        sums[to + column] += residuals[row + column];
                    }
                }
            }
        }

        @Override
        public double total() {
            return Arrays.stream(drawn).sum();
        }

        @Override
        public double sum(int column) {
            double sum = 0;
            for (int place = 0; place < groups.length; place++) {
                sum += sums[place * columns.width + column];
            }
            return sum;
        }

        @Override
        public double squares(int column, double shift) {
            double squares = 0;
            for (int place = 0; place < groups.length; place++) {
                double left = sums[place * columns.width + column] - shift * drawn[place];
                squares += left * left;
            }
            return squares * groups.length / (groups.length - 1);
        }
    }

    /** The quantile of sorted values, interpolated (type 6 of Hyndman and Fan 1996). */
    private static double quantile(double[] sorted, double share) {
        double place = share * (sorted.length + 1) - 1;
        int below = Math.clamp((int) Math.floor(place), 0, sorted.length - 2);
        double lower = sorted[below];
        double upper = sorted[below + 1];
        return lower == upper ? lower : lower + Math.clamp(place - below, 0, 1) * (upper - lower);
    }
}
