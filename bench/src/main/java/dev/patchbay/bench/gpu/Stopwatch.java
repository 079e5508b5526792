package dev.patchbay.bench.gpu;

import dev.patchbay.device.Device;
import java.util.Arrays;

/**
 * Times calls that only enqueue: a sample is as many of them as last a while, and one wait.
 *
 * @param device that is waited for
 * @param patient whether samples are to be long enough to be believed
 */
record Stopwatch(Device device, boolean patient) {
    private static final int SAMPLES = 21;
    private static final int WARM_UPS = 3;
    private static final double SAMPLE_SECONDS = 0.01;
    private static final int MOST_CALLS = 1000;

    /**
     * The median of the samples.
     *
     * @param seconds of one call
     * @param spread between the quartiles, as a share of the median
     * @param samples taken
     * @param calls in each
     */
    record Time(double seconds, double spread, int samples, int calls) {}

    Time time(Runnable call) {
        double once = 0;
        for (int i = 0; i < WARM_UPS; i++) {
            once = sample(call, 1);
        }
        int calls = patient ? (int) Math.clamp(Math.ceil(SAMPLE_SECONDS / once), 1, MOST_CALLS) : 1;
        if (calls > 1) {
            sample(call, calls);
        }
        double[] samples = new double[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            samples[i] = sample(call, calls);
        }
        Arrays.sort(samples);
        double median = samples[SAMPLES / 2];
        return new Time(median, (samples[SAMPLES * 3 / 4] - samples[SAMPLES / 4]) / median, SAMPLES, calls);
    }

    private double sample(Runnable call, int calls) {
        device.synchronize();
        return device.seconds(() -> {
                    for (int i = 0; i < calls; i++) {
                        call.run();
                    }
                })
                / calls;
    }
}
