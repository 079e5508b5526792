package dev.patchbay.model.checkpoint;

import dev.patchbay.model.checkpoint.WeightMap.Slice;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import java.util.List;

/**
 * Which elements of a stored tensor make up a tensor of the graph: in each of {@code outer} rows of {@code stride} elements the
 * same runs, in order.
 *
 * @param outer rows that the runs repeat in
 * @param stride elements of such a row
 * @param runs begin and length, in elements of a row
 * @param shape what they make up: for a matrix {@code [out, in]} where it is stored so, else {@code [in, out]}
 */
record ElementRuns(long outer, long stride, List<Slice> runs, List<Long> shape) {
    /** Runs at least this long are read on their own; of shorter ones all that lies between is read, too. */
    private static final long LONG_RUN = 1 << 16;

    static ElementRuns of(Source source) {
        var stored = source.shape();
        long all = stored.stream().reduce(1L, Math::multiplyExact);
        if (source.outputs().isEmpty()) {
            return new ElementRuns(1, all, List.of(new Slice(0, all)), stored);
        }
        long outputs = source.outputs().stream().mapToLong(Slice::count).sum();
        if (stored.size() == 1) {
            return new ElementRuns(1, all, source.outputs(), List.of(outputs));
        }
        if (source.transposed()) {
            long inner = stored.getLast();
            var runs = source.outputs().stream()
                    .map(slice -> new Slice(
                            Math.multiplyExact(slice.begin(), inner), Math.multiplyExact(slice.count(), inner)))
                    .toList();
            return new ElementRuns(1, all, runs, List.of(outputs, inner));
        }
        return new ElementRuns(
                stored.getFirst(), stored.getLast(), source.outputs(), List.of(stored.getFirst(), outputs));
    }

    /** Elements of the tensor of the graph. */
    long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** Takes elements that follow each other both in the stored tensor and in the graph's. */
    interface Stretch {
        /** {@code count} elements at {@code from} of the stored tensor are those at {@code to} of the graph's. */
        void copy(long from, long to, long count);
    }

    /** What of the stored elements {@code [begin, begin + count)} belongs to the graph's tensor. */
    void within(long begin, long count, Stretch stretch) {
        long end = begin + count;
        long rowElements = elements() / outer;
        for (long row = begin / stride; row < outer && row * stride < end; row++) {
            long to = row * rowElements;
            for (var run : runs) {
                long from = Math.max(begin, row * stride + run.begin());
                long until = Math.min(end, row * stride + run.begin() + run.count());
                if (from < until) {
                    stretch.copy(from, to + from - row * stride - run.begin(), until - from);
                }
                to += run.count();
            }
        }
    }

    /** The parts of the stored tensor to read, begin and length: each run, or one that holds all of them. */
    List<Slice> reads() {
        if (outer == 1 && runs.stream().allMatch(run -> run.count() >= LONG_RUN)) {
            return runs;
        }
        long begin = runs.stream().mapToLong(Slice::begin).min().orElse(0);
        long end =
                runs.stream().mapToLong(run -> run.begin() + run.count()).max().orElse(0);
        return List.of(new Slice(begin, (outer - 1) * stride + end - begin));
    }
}
