package dev.patchbay.bench;

import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.RunRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Times a forward pass of the GPT-2-small shape, without logits beyond each row's last position: tokens per second, and
 * the share of every kind of operation. Medians over the repetitions; the shares are those of the median repetition.
 */
public final class ForwardBench {
    private static final int REPETITIONS = 9;

    private ForwardBench() {}

    /** Arguments: the device (default {@code cpu}) and the number of threads (default 1). */
    public static void main(String[] arguments) {
        String name = arguments.length > 0 ? arguments[0] : "cpu";
        int threads = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
        try (var device = Devices.open(DeviceOptions.of(name).withThreads(threads));
                var timed = new TimedDevice(device);
                var tensors = new RandomGpt2();
                var model = Model.load(timed, tensors.architecture(), tensors.map(), tensors)) {
            System.out.println(device.name() + ": " + device.description());
            report(timed, model, 8, 15);
            report(timed, model, 1, 1024);
        }
    }

    private static void report(TimedDevice device, Model model, int rows, int length) {
        var random = new SplittableRandom(0);
        List<Row> batch = IntStream.range(0, rows)
                .mapToObj(_ -> Row.of(random.ints(length, 0, 50257).toArray()))
                .toList();
        var measured = new Measured[REPETITIONS];
        for (int repetition = -2; repetition < REPETITIONS; repetition++) {
            device.timed().reset();
            long begin = System.nanoTime();
            model.run(RunRequest.of(batch, Logits.LAST)).close();
            var result = Measured.of(System.nanoTime() - begin, device.timed());
            if (repetition >= 0) {
                measured[repetition] = result;
            }
        }
        Arrays.sort(measured);
        measured[REPETITIONS / 2].print(rows, length);
    }

    /** One repetition. */
    private record Measured(long total, List<Share> shares) implements Comparable<Measured> {
        record Share(String kind, double part) {}

        static Measured of(long total, TimedOps ops) {
            var shares = ops.nanoseconds().entrySet().stream()
                    .map(entry -> new Share(entry.getKey(), (double) entry.getValue() / total))
                    .sorted((a, b) -> Double.compare(b.part(), a.part()))
                    .toList();
            return new Measured(total, shares);
        }

        void print(int rows, int length) {
            System.out.printf(
                    Locale.ROOT,
                    "%d x %-5d %9.1f ms %9.0f tokens/s%n",
                    rows,
                    length,
                    total / 1e6,
                    rows * length * 1e9 / total);
            double main = 0;
            for (Share share : shares) {
                System.out.printf(Locale.ROOT, "    %-12s %6.1f %%%n", share.kind(), 100 * share.part());
                if (share.kind().startsWith("gemm") || share.kind().equals("attention")) {
                    main += share.part();
                }
            }
            System.out.printf(Locale.ROOT, "    products and attention together %.1f %%%n", 100 * main);
        }

        @Override
        public int compareTo(Measured other) {
            return Long.compare(total, other.total);
        }
    }
}
