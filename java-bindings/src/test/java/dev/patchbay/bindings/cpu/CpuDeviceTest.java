package dev.patchbay.bindings.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patchbay.device.DeviceBuffer;
import dev.patchbay.device.InstructionSet;
import dev.patchbay.device.Ops.Direction;
import dev.patchbay.device.Weight;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CpuDeviceTest {
    @Test
    void openBuffersAreReportedByLabelAndClosedOnesAreNot() {
        try (CpuDevice device = CpuDevice.create(1, InstructionSet.AVX2)) {
            assertEquals(Optional.empty(), device.leaks());
            DeviceBuffer first = device.allocate(64, "keys");
            DeviceBuffer second = device.allocate(16, "keys");
            DeviceBuffer third = device.allocate(20, "values");
            assertEquals(Optional.of("buffers still open: 3 (100 bytes): keys x2, values x1"), device.leaks());
            second.close();
            third.close();
            assertEquals(Optional.of("buffers still open: 1 (64 bytes): keys x1"), device.leaks());
            first.close();
            assertEquals(Optional.empty(), device.leaks());
        }
    }

    @Test
    void aWeightOwnsItsRawBufferAndItsPackings() {
        try (CpuDevice device = CpuDevice.create(1, InstructionSet.AVX2)) {
            Weight weight = device.weight(device.upload(new float[6], 2, 3, "w"), false);
            weight.prepare(Direction.FORWARD);
            weight.prepare(Direction.BACKWARD);
            assertEquals("w x1, w, packed BACKWARD x1, w, packed FORWARD x1", labels(device));
            weight.rawChanged();
            assertEquals("w x1", labels(device));
            weight.close();
            assertEquals(Optional.empty(), device.leaks());
        }
    }

    private static String labels(CpuDevice device) {
        return device.leaks().orElseThrow().replaceFirst(".*\\): ", "");
    }
}
