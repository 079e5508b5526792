package dev.patchbay.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.device.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What goes to the device and comes back is what it was, in the order of the calls. */
class StagingTest {
    @Test
    void copiesLargerThanTheRingAndOddOnesComeBackWhole() {
        try (Device device = Devices.open(DeviceOptions.of(CudaProvider.EMULATED))) {
            Random random = new Random(1);
            for (int count : new int[] {1, 3, 1 << 20, (1 << 20) + 1, 5_000_003}) {
                float[] values = new float[count];
                for (int i = 0; i < count; i++) {
                    values[i] = random.nextFloat();
                }
                Tensor tensor = device.upload(values, 1, count, "values");
                assertArrayEquals(values, tensor.toFloats());
                tensor.buffer().close();
            }
        }
    }

    @Test
    void uploadsAndOperationsTakeEffectInTheirOrder() {
        try (Device device = Devices.open(DeviceOptions.of(CudaProvider.EMULATED))) {
            Tensor x = device.tensor(DType.F32, 1, 40_000, "x");
            Tensor sum = device.upload(new float[40_000], 1, 40_000, "sum");
            float[] values = new float[40_000];
            for (int round = 1; round <= 200; round++) {
                Arrays.fill(values, round);
                x.set(values);
                device.ops().add(sum, x, 1, sum);
            }
            for (float value : sum.toFloats()) {
                assertEquals(200 * 201 / 2, value);
            }
            x.buffer().close();
            sum.buffer().close();
        }
    }

    @Test
    void rowsWithGapsLeaveTheGapsAlone() {
        try (Device device = Devices.open(DeviceOptions.of(CudaProvider.EMULATED))) {
            Tensor whole = device.upload(new float[50 * 30], 50, 30, "whole");
            float[] ones = new float[50 * 7];
            Arrays.fill(ones, 1);
            whole.columns(4, 7).set(ones);
            assertArrayEquals(ones, whole.columns(4, 7).toFloats());
            float total = 0;
            for (float value : whole.toFloats()) {
                total += value;
            }
            assertEquals(350, total);
            whole.buffer().close();
        }
    }

    @Test
    void bytesGoThroughBuffersOfEitherKind() {
        try (Device device = Devices.open(DeviceOptions.of(CudaProvider.EMULATED));
                var buffer = device.allocate(100, "bytes")) {
            buffer.write(10, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            ByteBuffer target = ByteBuffer.allocateDirect(2);
            buffer.read(11, target);
            assertEquals(2, target.position());
            assertEquals(2, target.get(0));
            assertEquals(3, target.get(1));
        }
    }
}
