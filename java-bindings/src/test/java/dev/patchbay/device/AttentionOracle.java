package dev.patchbay.device;

import dev.patchbay.device.Attention.MassLabel;
import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.AttentionStage;
import dev.patchbay.device.TableEntry.RowSpan;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Attention in double precision, written from its formula, one query and head at a time. */
final class AttentionOracle {
    private final AttentionCase problem;
    final double[] z;
    final double[] logSumExp;
    final double[] entropy;
    final double[] sinkWeight;
    final double[] editChange;
    /** Rows of scores and pattern, {@code [token · heads + head][position + 1]}. */
    final double[][] scores;

    final double[][] pattern;

    AttentionOracle(AttentionCase problem) {
        this.problem = problem;
        int queries = problem.tokens * problem.shape.heads();
        z = new double[queries * problem.shape.headSize()];
        logSumExp = new double[queries];
        entropy = new double[queries];
        sinkWeight = new double[queries];
        editChange = new double[problem.edits.size()];
        scores = new double[queries][];
        pattern = new double[queries][];
        for (RowSpan row : problem.rows) {
            for (int token = row.token(); token < row.token() + row.length(); token++) {
                for (int head = 0; head < problem.shape.heads(); head++) {
                    query(row, token, head);
                }
            }
        }
    }

    private double alibi(int head, int key, int position) {
        if (problem.alibiSlopes == null) {
            return 0;
        }
        return problem.alibiPositions == 0
                ? (double) problem.alibiSlopes[head] * (key - position)
                : problem.alibiSlopes[head * problem.alibiPositions + key];
    }

    private void query(RowSpan row, int token, int head) {
        Attention.Shape shape = problem.shape;
        int position = row.start() + token - row.token();
        int keyHead = head / (shape.heads() / shape.keyValueHeads());
        int at = token * shape.heads() + head;
        double[] s = new double[position + 1];
        for (int j = 0; j <= position; j++) {
            double dot = 0;
            for (int d = 0; d < shape.headSize(); d++) {
                dot += (double) problem.q[at * shape.headSize() + d]
                        * key(problem.k, problem.baseK, row, j, keyHead, d);
            }
            double score = shape.scale() * dot;
            if (shape.softCap() > 0) {
                score = shape.softCap() * Math.tanh(score / shape.softCap());
            }
            s[j] = isVisible(position, j) ? score + alibi(head, j, position) : Double.NEGATIVE_INFINITY;
        }
        edit(s, AttentionStage.SCORES, token, head, position);
        scores[at] = s;

        double sink = problem.sinks == null ? Double.NEGATIVE_INFINITY : problem.sinks[head];
        double max = sink;
        for (double score : s) {
            max = Math.max(max, score);
        }
        double sum = Math.exp(sink - max);
        for (double score : s) {
            sum += Math.exp(score - max);
        }
        logSumExp[at] = max + Math.log(sum);
        sinkWeight[at] = Math.exp(sink - max) / sum;
        double[] p = new double[position + 1];
        for (int j = 0; j <= position; j++) {
            p[j] = Math.exp(s[j] - max) / sum;
        }
        edit(p, AttentionStage.PATTERN, token, head, position);
        pattern[at] = p;
        for (int j = 0; j <= position; j++) {
            entropy[at] -= p[j] == 0 ? 0 : p[j] * Math.log(p[j]);
            for (int d = 0; d < shape.headSize(); d++) {
                z[at * shape.headSize() + d] += p[j] * key(problem.v, problem.baseV, row, j, keyHead, d);
            }
        }
    }

    private double key(float[] own, float[] base, RowSpan row, int position, int head, int element) {
        boolean fromBase = position < row.start();
        int line = fromBase ? row.base() + position : row.token() + position - row.start();
        int index = (line * problem.shape.keyValueHeads() + head) * problem.shape.headSize() + element;
        return (fromBase ? base : own)[index];
    }

    private boolean isVisible(int query, int key) {
        return key <= query && (problem.shape.window() == 0 || key > query - problem.shape.window());
    }

    private void edit(double[] x, AttentionStage stage, int token, int head, int position) {
        long visible = IntStream.rangeClosed(0, position)
                .filter(key -> isVisible(position, key))
                .count();
        for (int e = 0; e < problem.edits.size(); e++) {
            AttentionEdit edit = problem.edits.get(e);
            if (edit.token() != token || edit.head() != head || edit.stage() != stage) {
                continue;
            }
            for (int j = edit.keyBegin(); j < Math.min(edit.keyEnd(), position + 1); j++) {
                if (!isVisible(position, j)) {
                    continue;
                }
                int source = (int) edit.source() + j - edit.keyBegin();
                double old = x[j];
                x[j] = switch (edit.operation()) {
                    case FILL -> edit.factor();
                    case REPLACE -> problem.editValues[source];
                    case ADD -> old + edit.factor() * (double) problem.editValues[source];
                    case SCALE -> old * edit.factor();
                    case INTERPOLATE -> old + edit.factor() * (problem.editValues[source] - old);
                    case KNOCKOUT -> Double.NEGATIVE_INFINITY;
                    case UNIFORM -> 1.0 / visible;
                    case PROJECT_OUT, PROJECT_SWAP -> throw new IllegalArgumentException("matrices only");
                };
                editChange[e] = Math.max(editChange[e], old == x[j] ? 0 : Math.abs(x[j] - old));
            }
        }
    }

    /** Which keys a label means for a query. */
    interface Keys {
        IntPredicate of(int row, int token, int position);
    }

    /** A label as the device knows it, and in plain Java. */
    record LabelCase(MassLabel label, Keys keys) {}

    /** Inputs of one pass. */
    static final class AttentionCase {
        final Attention.Shape shape;
        final List<RowSpan> rows;
        final int tokens;
        final int baseRows;
        float[] q;
        float[] k;
        float[] v;
        float[] baseK;
        float[] baseV;
        float @Nullable [] alibiSlopes;
        int alibiPositions;
        float @Nullable [] sinks;
        List<AttentionEdit> edits = List.of();
        float[] editValues = {};
        int weightCount;
        float[] keyWeights = {};
        float[] baseKeyWeights = {};
        /** The label whose keys' largest weights are wanted, or −1. */
        int chosenLabel = -1;

        boolean received;

        AttentionCase(Attention.Shape shape, List<RowSpan> rows, Values random) {
            this.shape = shape;
            this.rows = rows;
            tokens = rows.stream()
                    .mapToInt(row -> row.token() + row.length())
                    .max()
                    .orElse(0);
            baseRows = rows.stream()
                    .mapToInt(row -> row.start() == 0 ? 0 : row.base() + row.start())
                    .max()
                    .orElse(0);
            int keyColumns = shape.keyValueHeads() * shape.headSize();
            q = random.normal(tokens * shape.heads() * shape.headSize());
            k = random.normal(tokens * keyColumns);
            v = random.normal(tokens * keyColumns);
            baseK = random.normal(baseRows * keyColumns);
            baseV = random.normal(baseRows * keyColumns);
        }

        /** Asks for everything beyond the plain statistics. */
        AttentionCase measured(int weights, int label, Values random) {
            weightCount = weights;
            keyWeights = random.normal(tokens * shape.heads() * weights);
            baseKeyWeights = random.normal(baseRows * shape.heads() * weights);
            chosenLabel = label;
            received = true;
            return this;
        }

        /** Line of {@link Attention.Received#mass} where each row begins, a gap before every one. */
        int[] receivedBegin() {
            int[] begin = new int[rows.size()];
            int line = 0;
            for (int row = 0; row < rows.size(); row++) {
                begin[row] = ++line;
                line += rows.get(row).start() + rows.get(row).length();
            }
            return begin;
        }

        int receivedLines() {
            return rows.stream().mapToInt(row -> 1 + row.start() + row.length()).sum();
        }
    }
}
