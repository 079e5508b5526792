package dev.patchbay.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A weight whose raw elements are dropped computes as before, in the directions that were prepared. */
class DroppedRawTest {
    @Test
    void productsStayAndTheMemoryIsGivenBack() {
        try (var device = Devices.open(DeviceOptions.of("cpu"))) {
            var x = device.upload(new float[] {1, 2, 3, 4}, 2, 2, "x");
            var out = device.tensor(DType.F32, 2, 2, "out");
            var weight = device.weight(device.upload(new float[] {5, 6, 7, 8}, 2, 2, "w"), false);
            weight.dropRaw();
            // Nothing was prepared: the raw elements are all there is.
            assertArrayEquals(new float[] {5, 6, 7, 8}, weight.raw().toFloats());
            weight.prepare(Ops.Direction.FORWARD);
            weight.dropRaw();
            weight.dropRaw();
            device.ops().gemm(List.of(new Ops.Gemm(x, weight, null, out)));
            assertArrayEquals(new float[] {19, 22, 43, 50}, out.toFloats());
            assertThrows(IllegalStateException.class, () -> weight.raw().toFloats());
            assertThrows(IllegalStateException.class, weight::rawChanged);
            assertThrows(IllegalStateException.class, () -> weight.prepare(Ops.Direction.BACKWARD));
            try (var other = Devices.open(DeviceOptions.of("cpu"))) {
                var otherX = other.upload(new float[] {1, 2}, 1, 2, "x");
                var otherOut = other.tensor(DType.F32, 1, 2, "out");
                assertThrows(
                        IllegalArgumentException.class,
                        () -> other.ops().gemm(List.of(new Ops.Gemm(otherX, weight, null, otherOut))));
                otherX.buffer().close();
                otherOut.buffer().close();
            }
            weight.close();
            weight.close();
            assertThrows(IllegalStateException.class, () -> weight.prepare(Ops.Direction.FORWARD));
            x.buffer().close();
            out.buffer().close();
        }
    }
}
