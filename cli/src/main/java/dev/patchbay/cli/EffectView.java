package dev.patchbay.cli;

import dev.patchbay.analysis.sweep.Effects;
import dev.patchbay.analysis.sweep.GridAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Looks at the numbers of a sweep: its strongest cells, and maps over two of its axes. */
final class EffectView {
    private final Effects effects;
    private final double[] values;
    private final boolean normalised;

    private EffectView(Effects effects, boolean normalised) {
        this.effects = effects;
        this.normalised = normalised;
        values = normalised ? effects.effect() : effects.delta();
    }

    /** The normalised effects; the plain differences where there is nothing to normalise by. */
    static EffectView of(Effects effects) {
        return new EffectView(effects, Arrays.stream(effects.effect()).anyMatch(value -> !Double.isNaN(value)));
    }

    /** The plain differences. */
    static EffectView differences(Effects effects) {
        return new EffectView(effects, false);
    }

    /** Whether the values are normalised effects. */
    boolean isNormalised() {
        return normalised;
    }

    /** Cells by falling magnitude, at most so many; cells without a value are left out. */
    List<Integer> strongest(int most) {
        return IntStream.range(0, values.length)
                .filter(cell -> !Double.isNaN(values[cell]))
                .boxed()
                .sorted(Comparator.comparingDouble((Integer cell) -> -Math.abs(values[cell])))
                .limit(most)
                .toList();
    }

    /** A table of the strongest cells: effect and restored are ratios, the rest is in units of the metric. */
    List<String> table(int most) {
        var columns = new ArrayList<String>();
        effects.axes().forEach(axis -> columns.add(axis.name()));
        columns.addAll(List.of(">effect", ">restored", ">delta"));
        effects.direct().ifPresent(_ -> columns.addAll(List.of(">direct", ">indirect")));
        columns.addAll(List.of(">standard error", ">95 % interval", ">pairs"));
        var table = new Table(columns.toArray(String[]::new));
        for (int cell : strongest(most)) {
            int its = cell;
            var row = new ArrayList<Object>(labels(cell));
            row.add(number(effects.effect()[cell]));
            row.add(number(effects.restored()[cell]));
            row.add(number(effects.delta()[cell]));
            effects.direct().ifPresent(direct -> {
                row.add(number(direct.direct().value()[its]));
                row.add(number(direct.indirect().value()[its]));
            });
            row.add(number(effects.total().standardError()[cell]));
            row.add(number(effects.total().low()[cell]) + " to "
                    + number(effects.total().high()[cell]));
            row.add(effects.count()[cell]);
            table.row(row.toArray());
        }
        return table.lines();
    }

    /** A number of three decimals. */
    static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f", Math.abs(value) < 0.0005 ? 0.0 : value);
    }

    /** The labels of a cell, one an axis. */
    List<String> labels(int cell) {
        var labels = new ArrayList<String>();
        for (int axis = 0; axis < effects.axes().size(); axis++) {
            labels.add(effects.axes().get(axis).labels().get(entry(cell, axis)));
        }
        return labels;
    }

    /** The value of a cell. */
    double value(int cell) {
        return values[cell];
    }

    private int entry(int cell, int axis) {
        int rest = cell;
        for (int inner = effects.axes().size() - 1; inner > axis; inner--) {
            rest /= effects.axes().get(inner).size();
        }
        return rest % effects.axes().get(axis).size();
    }

    private int axis(String name) {
        return IntStream.range(0, effects.axes().size())
                .filter(index -> effects.axes().get(index).name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no axis " + name));
    }

    /** A map over two axes; of the cells along the other ones the strongest counts. */
    HeatMap map(String title, String rowAxis, String columnAxis) {
        int rowIndex = axis(rowAxis);
        int columnIndex = axis(columnAxis);
        GridAxis rows = effects.axes().get(rowIndex);
        GridAxis columns = effects.axes().get(columnIndex);
        double[][] map = new double[rows.size()][columns.size()];
        Arrays.stream(map).forEach(row -> Arrays.fill(row, Double.NaN));
        for (int cell = 0; cell < values.length; cell++) {
            int row = entry(cell, rowIndex);
            int column = entry(cell, columnIndex);
            double here = map[row][column];
            if (!Double.isNaN(values[cell]) && (Double.isNaN(here) || Math.abs(values[cell]) > Math.abs(here))) {
                map[row][column] = values[cell];
            }
        }
        return new HeatMap(title, rowAxis, rows.labels(), columnAxis, columns.labels(), map);
    }

    /** The strongest cell of a layer and head, along all other axes. */
    int strongestAt(String layer, String head) {
        int layers = axis("layer");
        int heads = axis("head");
        return strongest(values.length).stream()
                .filter(cell -> effects.axes()
                                .get(layers)
                                .labels()
                                .get(entry(cell, layers))
                                .equals(layer)
                        && effects.axes()
                                .get(heads)
                                .labels()
                                .get(entry(cell, heads))
                                .equals(head))
                .findFirst()
                .orElse(-1);
    }
}
