package dev.patchbay.bench.gpu;

import dev.patchbay.bench.gpu.StageReport.State;
import dev.patchbay.device.Attention;
import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceBuffer;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.DeviceReport;
import dev.patchbay.device.Devices;
import dev.patchbay.device.Numerics;
import dev.patchbay.device.Ops.Gemm;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Times operations at sizes of real models, beside the fastest copy and the fastest product of the same run. Elsewhere than on
 * a GPU every size is small, and the numbers show only that the stage works.
 */
final class SpeedRun {
    private static final int DISTINCT_ROWS = 61;
    /** What the names of other profiles' rows begin with, before the profile. */
    static final String FAST = "[";
    /** Products that share their input where cuBLASLt alone is measured. */
    private static final int SHARING = 4;

    private final Device device;
    private final boolean real;
    private final Stopwatch stopwatch;
    private final List<Row> rows;

    /**
     * One measured operation.
     *
     * @param work FLOPs or bytes of one call
     * @param ceiling the rate that its share is of, 0 for the best of its kind
     */
    record Row(String what, boolean bytes, double work, double ceiling, Stopwatch.Time time) {
        double rate() {
            return work / time.seconds();
        }
    }

    private SpeedRun(Device device, boolean real, List<Row> rows) {
        this.device = device;
        this.real = real;
        this.rows = rows;
        stopwatch = new Stopwatch(device, real);
    }

    /** Arguments: the device and the report to write. */
    public static void main(String[] arguments) {
        String name = arguments[0];
        boolean real = name.matches("cuda(:\\d+)?");
        var rows = new ArrayList<Row>();
        for (Numerics profile : profiles(name)) {
            try (var device = Devices.open(DeviceOptions.of(name).withNumerics(profile))) {
                var run = new SpeedRun(device, real, rows);
                if (profile == Numerics.EXACT) {
                    run.measure();
                } else {
                    run.measureFast();
                }
                run.report().write(Path.of(arguments[1]));
            }
        }
    }

    /** Those of a device, {@code exact} first. */
    private static List<Numerics> profiles(String name) {
        return Devices.list().stream()
                .filter(report -> report.name().equals(name) || report.name().equals(name + ":0"))
                .findFirst()
                .map(DeviceReport::numerics)
                .orElse(List.of(Numerics.EXACT));
    }

    private void measure() {
        copies(real ? 1 << 14 : 1 << 4, 1 << 14);
        if (real) {
            gemm("best of large sizes", 8192, 4096, 8192);
            gemm("best of large sizes", 8192, 8192, 8192);
            gemm("gpt2 q, k or v", 8192, 768, 768);
            gemm("gpt2 mlp in", 8192, 768, 3072);
            gemm("gpt2 mlp out", 8192, 3072, 768);
            gemm("gpt2 mlp in", 1024, 768, 3072);
            gemm("gpt2 mlp in", 120, 768, 3072);
            gemm("gpt2 unembed", 1024, 768, 50257);
            gemm("llama-8b q or o", 2048, 4096, 4096);
            gemm("llama-8b mlp in", 2048, 4096, 14336);
            gemm("llama-8b mlp out", 2048, 14336, 4096);
            gemm("llama-8b mlp in, one token", 1, 4096, 14336);
            for (int length : new int[] {1024, 4096}) {
                attention(length, 16384 / length, 12, 12, 64);
                attention(length, 8192 / length, 32, 8, 128);
            }
            for (NormKind kind : List.of(NormKind.LAYER, NormKind.RMS)) {
                norm(kind, 16384, 768);
                norm(kind, 16384, 4096);
            }
        } else {
            gemm("small", 64, 64, 64);
            gemm("small", 33, 65, 97);
            attention(64, 2, 2, 1, 64);
            norm(NormKind.LAYER, 64, 768);
        }
    }

    /** Products beside cuBLASLt alone, and attention. */
    private void measureFast() {
        if (real) {
            fastGemm("best of large sizes", 8192, 8192, 8192);
            fastGemm("gpt2 q, k or v", 8192, 768, 768);
            fastGemm("gpt2 mlp in", 8192, 768, 3072);
            fastGemm("gpt2 mlp out", 8192, 3072, 768);
            fastGemm("llama-8b q or o", 2048, 4096, 4096);
            fastGemm("llama-8b mlp in", 2048, 4096, 14336);
            for (int length : new int[] {1024, 4096}) {
                attention(length, 16384 / length, 12, 12, 64);
                attention(length, 8192 / length, 32, 8, 128);
            }
        } else {
            fastGemm("small", 33, 65, 97);
            attention(64, 2, 2, 1, 64);
        }
    }

    private StageReport report() {
        double copy = best(true);
        double product = best(false);
        var cells = rows.stream()
                .map(row -> List.of(
                        row.what(),
                        text("%.1f", row.time().seconds() * 1e6),
                        row.bytes() ? text("%.0f GB/s", row.rate() / 1e9) : text("%.2f TFLOP/s", row.rate() / 1e12),
                        text(
                                "%.0f %%",
                                100 * row.rate() / (row.ceiling() > 0 ? row.ceiling() : row.bytes() ? copy : product)),
                        text("%.0f %%", 100 * row.time().spread()),
                        row.time().samples() + " × " + row.time().calls()))
                .toList();
        var notes = new ArrayList<>(List.of(
                "Times are between two events of the device around many calls, divided by the calls. Short operations"
                        + " include what enqueueing them costs.",
                "Medians; spread is (third quartile − first) / median; samples × calls in each.",
                "The share is of the best copy (bytes read and written) or of the best float32 product of this run;"
                        + " that of a product of a faster profile is of cuBLASLt alone, without the conversion of its input:"
                        + " what each further product of a group that shares its input takes.",
                "Copies are made by kernels of ours (scale by 1, gather): the driver interface has no copy from device"
                        + " to device.",
                real ? "Inputs are random." : "Not a GPU: sizes are small and the numbers say nothing of speed."));
        notes.addAll(ProfileNotes.of(rows));
        return new StageReport(
                "speed",
                device.name(),
                "",
                State.PASSED,
                0,
                text("best copy %.0f GB/s, ", copy / 1e9) + text("best float32 product %.2f TFLOP/s", product / 1e12),
                notes,
                List.of("operation", "µs", "rate", "share", "spread", "samples"),
                cells);
    }

    private double best(boolean bytes) {
        return rows.stream()
                .filter(row -> row.bytes() == bytes
                        && row.ceiling() == 0
                        && !row.what().startsWith(FAST))
                .mapToDouble(Row::rate)
                .max()
                .orElse(Double.NaN);
    }

    private static String text(String format, Object value) {
        return String.format(Locale.ROOT, format, value);
    }

    private void time(String what, boolean bytes, double work, Runnable call) {
        add(what, bytes, work, 0, stopwatch.time(call));
    }

    private void add(String what, boolean bytes, double work, double ceiling, Stopwatch.Time time) {
        String label = device.numerics() == Numerics.EXACT
                ? what
                : FAST + device.numerics().label() + "] " + what;
        rows.add(new Row(label, bytes, work, ceiling, time));
        System.err.printf(Locale.ROOT, "%-50s %8.1f G/s%n", what, rows.getLast().rate() / 1e9);
    }

    private void copies(int count, int width) {
        try (var matrices = new Matrices()) {
            var from = matrices.random(count, width);
            var to = matrices.empty(count, width);
            double bytes = 8.0 * count * width;
            String size = text(" %.2f GB", bytes / 2e9);
            time("copy (scale by 1)" + size, true, bytes, () -> device.ops().scale(from, 1, to));
            time("copy (gather of rows)" + size, true, bytes, () -> device.ops().gather(from, null, to, null, count));
        }
    }

    private void gemm(String what, int count, int inner, int columns) {
        try (var matrices = new Matrices()) {
            var x = matrices.random(count, inner);
            var out = matrices.empty(count, columns);
            var raw = matrices.random(inner, columns);
            matrices.disown(raw);
            try (var weight = device.weight(raw, false)) {
                var product = List.of(new Gemm(x, weight, null, out));
                time(
                        "product, " + what + ": " + count + " × " + inner + " × " + columns,
                        false,
                        2.0 * count * inner * columns,
                        () -> device.ops().gemm(product));
            }
        }
    }

    private void fastGemm(String what, int count, int inner, int columns) {
        try (var matrices = new Matrices()) {
            var x = matrices.random(count, inner);
            var raw = matrices.random(inner, columns);
            matrices.disown(raw);
            try (var weight = device.weight(raw, false)) {
                var group = IntStream.range(0, SHARING)
                        .mapToObj(_ -> new Gemm(x, weight, null, matrices.empty(count, columns)))
                        .toList();
                double work = 2.0 * count * inner * columns;
                var one = stopwatch.time(() -> device.ops().gemm(group.subList(0, 1)));
                var all = stopwatch.time(() -> device.ops().gemm(group));
                double alone = (all.seconds() - one.seconds()) / (SHARING - 1);
                String size = ": " + count + " × " + inner + " × " + columns;
                add("product, " + what + size, false, work, work / alone, one);
            }
        }
    }

    /** Causal: a query and the keys up to it take 4 · size FLOPs a key. */
    private void attention(int length, int count, int heads, int keyValueHeads, int size) {
        try (var matrices = new Matrices();
                var table = device.table(
                        RowSpan.class,
                        IntStream.range(0, count)
                                .mapToObj(row -> new RowSpan(row * length, length, 0, 0))
                                .toList(),
                        "rows")) {
            int tokens = length * count;
            var shape = new Attention.Shape(heads, keyValueHeads, size, (float) (1 / Math.sqrt(size)), 0, 0);
            var q = matrices.random(tokens, heads * size);
            var k = matrices.random(tokens, keyValueHeads * size);
            var v = matrices.random(tokens, keyValueHeads * size);
            var z = matrices.empty(tokens, heads * size);
            var sums = matrices.empty(tokens, heads);
            var index = device.tensor(DType.I32, tokens, 2L * heads, "top");
            matrices.own(index.buffer());
            var statistics = new Attention.Statistics(
                    matrices.empty(tokens, 2 * heads), index, matrices.empty(tokens, heads), null, List.of());
            double work = 4.0 * size * heads * count * length * (length + 1) / 2;
            String what =
                    "attention d" + size + ", " + count + " × " + length + ", " + heads + " heads on " + keyValueHeads;
            var plain = new Attention(shape, table, q, k, v, null, null, null, null, null, null, null, z, sums);
            var measured =
                    new Attention(shape, table, q, k, v, null, null, null, null, null, null, statistics, z, sums);
            time(what, false, work, () -> device.ops().attention(plain));
            time(what + ", top-2 and entropy", false, work, () -> device.ops().attention(measured));
        }
    }

    private void norm(NormKind kind, int count, int width) {
        try (var matrices = new Matrices()) {
            var x = matrices.random(count, width);
            var scale = matrices.empty(count, 1);
            var out = matrices.empty(count, width);
            time(
                    "norm " + kind + " " + count + " × " + width,
                    true,
                    8.0 * count * width,
                    () -> device.ops().norm(kind, 1e-5f, 0, 1, x, null, null, scale, out));
        }
    }

    /** Tensors that are given back together. */
    private final class Matrices implements AutoCloseable {
        private final List<DeviceBuffer> open = new ArrayList<>();

        void own(DeviceBuffer buffer) {
            open.add(buffer);
        }

        void disown(Tensor tensor) {
            open.remove(tensor.buffer());
        }

        Tensor empty(int count, int width) {
            var tensor = device.tensor(DType.F32, count, width, count + " × " + width);
            own(tensor.buffer());
            return tensor;
        }

        /** A few random rows, over and over: what is multiplied decides the power a GPU takes. */
        Tensor random(int count, int width) {
            var tensor = empty(count, width);
            var random = new SplittableRandom(width);
            float[] values = new float[DISTINCT_ROWS * width];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextDouble() * 2 - 1);
            }
            int[] index =
                    IntStream.range(0, count).map(row -> row % DISTINCT_ROWS).toArray();
            var source = device.upload(values, DISTINCT_ROWS, width, "random rows");
            var indices = device.upload(index, "their order");
            device.ops().gather(source, indices, tensor, null, count);
            indices.buffer().close();
            source.buffer().close();
            return tensor;
        }

        @Override
        public void close() {
            open.reversed().forEach(DeviceBuffer::close);
        }
    }
}
