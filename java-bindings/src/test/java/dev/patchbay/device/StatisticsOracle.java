package dev.patchbay.device;

import dev.patchbay.device.Attention.MassLabel;
import dev.patchbay.device.AttentionOracle.AttentionCase;
import dev.patchbay.device.AttentionOracle.LabelCase;
import dev.patchbay.device.TableEntry.RowSpan;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Statistics of the oracle's pattern in double precision, written from their definitions. */
record StatisticsOracle(AttentionCase problem, AttentionOracle attention, List<LabelCase> labels) {

    /** What is done with one query and head; {@code at} is {@code token · heads + head}. */
    private interface Query {
        void see(int row, int token, int position, int at);
    }

    private void forEachQuery(Query action) {
        int heads = problem.shape.heads();
        for (int r = 0; r < problem.rows.size(); r++) {
            RowSpan row = problem.rows.get(r);
            for (int token = row.token(); token < row.token() + row.length(); token++) {
                for (int at = token * heads; at < (token + 1) * heads; at++) {
                    action.see(r, token, row.start() + token - row.token(), at);
                }
            }
        }
    }

    /** {@code [tokens, heads, labels]}. */
    double[] mass() {
        double[] mass = new double[problem.tokens * problem.shape.heads() * labels.size()];
        forEachQuery((row, token, position, at) -> {
            for (int l = 0; l < labels.size(); l++) {
                LabelCase label = labels.get(l);
                mass[at * labels.size() + l] = label.label() instanceof MassLabel.Sink
                        ? attention.sinkWeight[at]
                        : keys(label.keys().of(row, token, position), position)
                                .mapToDouble(key -> attention.pattern[at][key])
                                .sum();
            }
        });
        return mass;
    }

    /** {@code [tokens, heads, labels, weights]}. */
    double[] weighted() {
        int count = problem.weightCount;
        double[] weighted = new double[problem.tokens * problem.shape.heads() * labels.size() * count];
        forEachQuery((row, token, position, at) -> {
            for (int i = 0; i < labels.size() * count; i++) {
                int weight = i % count;
                weighted[at * labels.size() * count + i] = keys(
                                labels.get(i / count).keys().of(row, token, position), position)
                        .mapToDouble(key -> attention.pattern[at][key]
                                * keyWeight(problem.rows.get(row), key, at % problem.shape.heads(), weight))
                        .sum();
            }
        });
        return weighted;
    }

    private double keyWeight(RowSpan row, int key, int head, int weight) {
        boolean fromBase = key < row.start();
        int line = fromBase ? row.base() + key : row.token() + key - row.start();
        return (fromBase ? problem.baseKeyWeights : problem.keyWeights)
                [(line * problem.shape.heads() + head) * problem.weightCount + weight];
    }

    /** What each key of each row receives, {@code [lines, heads]}; NaN in lines that belong to no row. */
    double[] received() {
        int heads = problem.shape.heads();
        double[] received = new double[problem.receivedLines() * heads];
        Arrays.fill(received, Double.NaN);
        int[] begin = problem.receivedBegin();
        for (int row = 0; row < begin.length; row++) {
            RowSpan span = problem.rows.get(row);
            Arrays.fill(received, begin[row] * heads, (begin[row] + span.start() + span.length()) * heads, 0);
        }
        forEachQuery((row, _, position, at) -> {
            for (int key = 0; key <= position; key++) {
                received[(begin[row] + key) * heads + at % heads] += attention.pattern[at][key];
            }
        });
        return received;
    }

    /** The visible pattern of one query among a label's keys, NaN at the others; {@code null} label: all keys. */
    double[][] chosen(LabelCase label, int window) {
        double[][] rows = new double[attention.pattern.length][];
        forEachQuery((row, token, position, at) -> {
            IntPredicate keys = label.keys().of(row, token, position);
            rows[at] = IntStream.rangeClosed(0, position)
                    .mapToDouble(key -> keys.test(key) && (window == 0 || key > position - window)
                            ? attention.pattern[at][key]
                            : Double.NaN)
                    .toArray();
        });
        return rows;
    }

    private static IntStream keys(IntPredicate keys, int position) {
        return IntStream.rangeClosed(0, position).filter(keys);
    }
}
