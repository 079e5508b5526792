package dev.patchbay.bench.gpu;

import dev.patchbay.bench.gpu.SpeedRun.Row;
import dev.patchbay.bindings.cuda.BlasAlone;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.DeviceUnavailableException;
import dev.patchbay.device.Devices;
import dev.patchbay.device.Numerics;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The fast profiles: their products beside the library alone, what {@code exact} takes longer, and attention of {@code bf16}.
 * A profile that the device lacks is a note with the reason.
 */
final class FastSpeed {
    private static final List<Numerics> PROFILES = List.of(Numerics.FAST32, Numerics.TF32, Numerics.BF16);

    private final String device;
    private final boolean real;
    private final List<Product> products;
    private final Map<Numerics, List<Row>> rows = new EnumMap<>(Numerics.class);
    private final List<Row> alone = new ArrayList<>();
    private final List<String> absences = new ArrayList<>();

    /** Sizes of a product. */
    private record Product(String what, int count, int inner, int columns) {}

    FastSpeed(String device, boolean real) {
        this.device = device;
        this.real = real;
        products = real
                ? List.of(
                        new Product("best of large sizes", 8192, 4096, 8192),
                        new Product("gpt2 q, k or v", 8192, 768, 768),
                        new Product("gpt2 mlp in", 8192, 768, 3072),
                        new Product("gpt2 mlp out", 8192, 3072, 768),
                        new Product("gpt2 mlp in", 1024, 768, 3072),
                        new Product("gpt2 unembed", 1024, 768, 50257),
                        new Product("llama-8b mlp in", 2048, 4096, 14336),
                        new Product("llama-8b mlp out", 2048, 14336, 4096))
                : List.of(new Product("small", 64, 64, 64), new Product("small", 33, 65, 97));
    }

    void measure() {
        try {
            products.forEach(this::alone);
        } catch (DeviceUnavailableException absent) {
            absences.add("No fast profile was timed: " + absent.getMessage());
            return;
        }
        for (Numerics profile : PROFILES) {
            try (var opened = Devices.open(DeviceOptions.of(device).withNumerics(profile))) {
                var run = new SpeedRun(opened, real);
                products.forEach(
                        product -> run.gemm(product.what(), product.count(), product.inner(), product.columns()));
                if (profile == Numerics.BF16) {
                    attention(run);
                }
                rows.put(profile, run.rows());
            } catch (DeviceUnavailableException absent) {
                absences.add(profile.label() + " was not timed: " + absent.getMessage());
            }
        }
    }

    /** Tensor cores want rows of multiples of eight elements, which the profiles make of any. */
    private void alone(Product product) {
        int inner = Math.ceilDiv(product.inner(), 8) * 8;
        try (var library = new BlasAlone(device, product.count(), inner, product.columns())) {
            double work = 2.0 * product.count() * product.inner() * product.columns();
            var time = new Stopwatch(library::synchronize, real).time(library::run);
            String what = SpeedRun.product(product.what(), product.count(), product.inner(), product.columns());
            alone.add(new Row(what, false, work, time));
        }
    }

    private void attention(SpeedRun run) {
        if (!real) {
            run.attention(64, 2, 2, 1, 64);
            return;
        }
        for (int length : new int[] {1024, 4096}) {
            run.attention(length, 16384 / length, 12, 12, 64);
            run.attention(length, 8192 / length, 32, 8, 128);
        }
    }

    private double best() {
        return alone.stream().mapToDouble(Row::rate).max().orElse(Double.NaN);
    }

    /** Of each profile: its products, each beside the library alone, and what else was timed beside the library's best. */
    List<List<String>> cells() {
        var cells = new ArrayList<List<String>>();
        alone.forEach(row -> cells.add(row.cells("cuBLASLt alone, bfloat16: ", best())));
        rows.forEach((profile, timed) -> {
            for (int i = 0; i < timed.size(); i++) {
                double ceiling = i < products.size() ? alone.get(i).rate() : best();
                cells.add(timed.get(i).cells(profile.label() + ": ", ceiling));
            }
        });
        return cells;
    }

    /** What the profiles cost beside each other, and why one was not timed. */
    List<String> notes(List<Row> exact) {
        var notes = new ArrayList<>(absences);
        var slower = rows.getOrDefault(Numerics.FAST32, List.of()).stream()
                .flatMapToDouble(fast -> exact.stream()
                        .filter(row -> row.what().equals(fast.what()))
                        .mapToDouble(row -> row.time().seconds() / fast.time().seconds()));
        spread("Products of exact take %.1f times as long as those of fast32", slower)
                .ifPresent(notes::add);
        var bf16 = rows.getOrDefault(Numerics.BF16, List.of());
        var paths = IntStream.range(0, Math.min(bf16.size(), alone.size()))
                .mapToDouble(i -> 100 * bf16.get(i).rate() / alone.get(i).rate());
        spread("Products of bf16, conversion included, reach %.0f %% of cuBLASLt alone", paths)
                .ifPresent(notes::add);
        var costs = IntStream.range(alone.size() + 1, bf16.size())
                .filter(i -> (i - alone.size()) % 2 == 1)
                .mapToDouble(i -> 100
                        * (bf16.get(i).time().seconds() / bf16.get(i - 1).time().seconds() - 1));
        spread("Statistics make attention of bf16 %.1f %% slower", costs).ifPresent(notes::add);
        return notes;
    }

    /** A sentence about the median of numbers, and their range. */
    private static Optional<String> spread(String sentence, DoubleStream numbers) {
        double[] sorted = numbers.sorted().toArray();
        return sorted.length == 0
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        sentence + " (median of %d; from %.1f to %.1f).",
                        sorted[sorted.length / 2],
                        sorted.length,
                        sorted[0],
                        sorted[sorted.length - 1]));
    }

    /** What belongs into one line. */
    String summary() {
        return alone.isEmpty()
                ? ""
                : String.format(Locale.ROOT, ", best of cuBLASLt in bfloat16 %.1f TFLOP/s", best() / 1e12);
    }
}
