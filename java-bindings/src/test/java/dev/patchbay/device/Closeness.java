package dev.patchbay.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

/** Compares results of a device with the oracle's. */
final class Closeness {
    /** Part of the largest magnitude that a float32 result may be off by. */
    static final double TOLERANCE = 1e-5;

    private Closeness() {}

    static void assertClose(double[] expected, Tensor actual, String what) {
        assertClose(expected, actual.toFloats(), what);
    }

    static void assertClose(double[] expected, float[] actual, String what) {
        assertEquals(expected.length, actual.length, what);
        double largest = 0;
        for (double value : expected) {
            largest = Math.max(largest, Double.isInfinite(value) ? 0 : Math.abs(value));
        }
        double allowed = TOLERANCE * largest;
        for (int i = 0; i < expected.length; i++) {
            boolean close = expected[i] == actual[i] || Math.abs(expected[i] - actual[i]) <= allowed;
            if (!close) {
                fail(what + "[" + i + "]: expected " + expected[i] + ", is " + actual[i] + ", allowed " + allowed);
            }
        }
    }

    /** The same bits, where neither side is all NaN. */
    static void assertSameBits(float[] expected, float[] actual, String what) {
        assertEquals(expected.length, actual.length, what);
        for (int i = 0; i < expected.length; i++) {
            assertTrue(!Float.isNaN(expected[i]), what + "[" + i + "] is NaN");
            assertEquals(
                    Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]), what + "[" + i + "]");
        }
    }
}
