package dev.patchbay.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Workspace.Placement;
import dev.patchbay.device.Workspace.Plan;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WorkspaceTest {
    @Test
    void slotsAliveTogetherNeverShareAByteAndAllAreAligned() {
        Random random = new Random(1);
        for (int trial = 0; trial < 300; trial++) {
            Plan plan = Workspace.plan();
            int slots = 1 + random.nextInt(40);
            for (int i = 0; i < slots; i++) {
                int first = random.nextInt(30);
                plan.slot("s" + i, DType.F32, random.nextInt(20), random.nextInt(50), first, first + random.nextInt(9));
            }
            List<Placement> placed = plan.place();
            assertEquals(slots, placed.size());
            for (int one = 0; one < slots; one++) {
                assertEquals(0, placed.get(one).offset() % Workspace.ALIGNMENT);
                assertTrue(placed.get(one).end() <= plan.bytes());
                for (int other = one + 1; other < slots; other++) {
                    assertApart(placed.get(one), placed.get(other));
                }
            }
        }
    }

    private static void assertApart(Placement one, Placement other) {
        boolean together = one.slot().firstStep() <= other.slot().lastStep()
                && other.slot().firstStep() <= one.slot().lastStep();
        boolean share = one.offset() < other.offset() + other.slot().bytes()
                && other.offset() < one.offset() + one.slot().bytes();
        assertTrue(!together || !share, one + " and " + other);
    }

    @Test
    void slotsThatAreNeverAliveTogetherShareMemory() {
        Plan chain = Workspace.plan();
        for (int step = 0; step < 100; step++) {
            chain.slot("step " + step, DType.F32, 16, 16, step, step + 1);
        }
        assertEquals(2 * 16 * 16 * 4, chain.bytes());
    }

    @Test
    void aPlanIsPlacedTheSameWayEveryTime() {
        Plan plan = Workspace.plan().slot("a", DType.F32, 4, 4, 0, 1).slot("b", DType.I32, 9, 9, 1, 2);
        assertEquals(plan.place(), plan.place());
    }

    @Test
    void namesAreUniqueAndKnown() {
        Plan plan = Workspace.plan().slot("a", DType.F32, 4, 4, 0, 1);
        assertThrows(IllegalArgumentException.class, () -> plan.slot("a", DType.F32, 1, 1, 5, 6));
        assertThrows(IllegalArgumentException.class, () -> plan.slot("b", DType.F32, 1, 1, 6, 5));
        try (Device device = Devices.open(DeviceOptions.of("cpu").withThreads(1));
                Workspace workspace = plan.allocate(device, "workspace")) {
            assertThrows(IllegalArgumentException.class, () -> workspace.tensor("z"));
        }
    }

    @Test
    void tensorsHoldWhatIsWrittenAndPoisonMarksWhatIsNotAlive() {
        try (Device device = Devices.open(DeviceOptions.of("cpu").withThreads(1));
                Workspace workspace = Workspace.plan()
                        .slot("early", DType.F32, 1, 3, 0, 1)
                        .slot("late", DType.F32, 1, 3, 2, 3)
                        .slot("always", DType.F32, 70, 300, 0, 3)
                        .allocate(device, "workspace", true)) {
            assertAllNaN(workspace.tensor("early"));
            assertAllNaN(workspace.tensor("always"));
            workspace.tensor("early").set(new float[] {1, 2, 3});
            workspace.tensor("always").rows(0, 1).set(new float[300]);
            workspace.stepDone(0);
            assertArrayEquals(new float[] {1, 2, 3}, workspace.tensor("early").toFloats());
            workspace.stepDone(1);
            assertAllNaN(workspace.tensor("late"));
            workspace.tensor("late").set(new float[] {4, 5, 6});
            workspace.release("late");
            assertAllNaN(workspace.tensor("late"));
            assertArrayEquals(
                    new float[300], workspace.tensor("always").rows(0, 1).toFloats());
        }
    }

    private static void assertAllNaN(Tensor tensor) {
        for (float value : tensor.toFloats()) {
            assertTrue(Float.isNaN(value), tensor + " holds " + value);
        }
    }

    @Test
    void sizesBeyondLongAreRefused() {
        Plan plan = Workspace.plan().slot("huge", DType.F32, Long.MAX_VALUE / 2, 4, 0, 0);
        assertThrows(ArithmeticException.class, plan::bytes);
    }
}
