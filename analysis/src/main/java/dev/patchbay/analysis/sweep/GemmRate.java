package dev.patchbay.analysis.sweep;

import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.Ops;
import java.util.Arrays;
import java.util.List;

/** Measures how fast a device multiplies matrices. */
public final class GemmRate {
    private static final int ROWS = 1024;
    private static final int WIDEST = 4096;
    private static final int REPEATS = 3;

    private GemmRate() {}

    /**
     * Operations per second of a product {@code [1024, width] · [width, 4 · width]}, the best of three after one that is not
     * counted.
     */
    public static double measure(Device device, int width) {
        int inner = Math.clamp(width, 16, WIDEST);
        int columns = 4 * inner;
        var values = new float[inner * columns];
        Arrays.fill(values, 0.5f);
        var raw = device.upload(values, inner, columns, "measured weight");
        try (var weight = device.weight(raw, false)) {
            var x = device.upload(Arrays.copyOf(values, ROWS * inner), ROWS, inner, "measured input");
            var out = device.tensor(DType.F32, ROWS, columns, "measured output");
            try {
                double best = Double.MAX_VALUE;
                for (int repeat = 0; repeat <= REPEATS; repeat++) {
                    long begin = System.nanoTime();
                    device.ops().gemm(List.of(new Ops.Gemm(x, weight, null, out)));
                    device.synchronize();
                    double seconds = (System.nanoTime() - begin) / 1e9;
                    best = repeat == 0 ? best : Math.min(best, seconds);
                }
                return 2.0 * ROWS * inner * columns / best;
            } finally {
                x.buffer().close();
                out.buffer().close();
            }
        }
    }
}
