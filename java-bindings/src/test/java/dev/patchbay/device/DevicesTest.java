package dev.patchbay.device;

import static dev.patchbay.device.Refusal.assertThrowsSaying;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevicesTest {
    @Test
    void everyKnownDeviceIsThereOrSaysWhyNot() {
        List<DeviceReport> reports = Devices.list();
        assertEquals("cpu", reports.getFirst().name());
        assertTrue(reports.get(1).name().startsWith("cuda"), reports.toString());
        assertEquals("cuda-emulated", reports.getLast().name());
        assertTrue(reports.getFirst().isPresent(), reports.getFirst().toString());
        assertTrue(reports.getLast().isPresent(), reports.getLast().toString());
        for (DeviceReport report : reports) {
            assertTrue(report.isPresent() || !report.absence().orElse("").isBlank());
        }
    }

    @Test
    void theEmulatedDeviceSaysWhatItIs() {
        String description = Devices.list().getLast().description().orElseThrow();
        for (String part : List.of("emulated", "compute capability 9.0", "GiB", "driver for CUDA", "emulator.so")) {
            assertTrue(description.contains(part), description);
        }
        try (Device device = Devices.open(DeviceOptions.of("cuda-emulated"))) {
            assertEquals("cuda-emulated", device.name());
            assertEquals(description, device.description());
        }
    }

    @Test
    void anAbsentDeviceIsRefusedWithItsReasonAndNeverReplaced() {
        DeviceReport cuda = Devices.list().get(1);
        assumeFalse(cuda.isPresent(), "this machine has a GPU");
        for (String name : List.of("cuda", "cuda:0", "cuda:12")) {
            assertThrowsSaying(
                    DeviceUnavailableException.class,
                    "device '" + name + "': " + cuda.absence().orElseThrow(),
                    () -> Devices.open(DeviceOptions.of(name)));
        }
        assertThrowsSaying(
                IllegalArgumentException.class, "expected auto, cpu", () -> Devices.open(DeviceOptions.of("gpu")));
    }

    @Test
    void aDriverIsLookedForWhereWeAreToldAndNowhereElse() {
        for (String[] named : new String[][] {{"PATCHBAY_EMULATOR", "cuda-emulated"}, {"PATCHBAY_CUDA_PATH", "cuda"}}) {
            System.setProperty(named[0], "/no/such/libcuda.so");
            try {
                assertThrowsSaying(
                        DeviceUnavailableException.class,
                        "/no/such/libcuda.so: cannot open shared object file",
                        () -> Devices.open(DeviceOptions.of(named[1])));
                System.setProperty(named[0], "libm.so.6");
                assertThrowsSaying(
                        DeviceUnavailableException.class,
                        "libm.so.6: it lacks the function cuInit",
                        () -> Devices.open(DeviceOptions.of(named[1])));
            } finally {
                System.clearProperty(named[0]);
            }
        }
    }

    @Test
    void aProfileTheDeviceLacksIsRefusedNamingThoseItHas() {
        assumeFalse(Devices.list().get(1).isPresent(), "this machine has a GPU: auto is not the cpu");
        for (String name : List.of("cpu", "auto")) {
            assertThrowsSaying(
                    DeviceUnavailableException.class,
                    "numerics 'bf16' is not there, only exact: the fast profiles are those of GPUs",
                    () -> Devices.open(DeviceOptions.of(name).withNumerics(Numerics.BF16)));
        }
    }

    @Test
    void withoutALibraryOfProductsADeviceHasExactOnlyAndSaysWhy(@TempDir Path folder) throws IOException {
        Path driver = Files.copy(
                Path.of("../build/native/libpatchbay_cuda_emulator.so"),
                folder.resolve("libpatchbay_cuda_emulator.so"));
        System.setProperty("PATCHBAY_EMULATOR", driver.toString());
        try {
            DeviceReport report = Devices.list().getLast();
            assertEquals(List.of(Numerics.EXACT), report.numerics());
            for (Numerics profile : List.of(Numerics.FAST32, Numerics.TF32, Numerics.BF16)) {
                String reason = report.missing().getOrDefault(profile, "");
                assertTrue(reason.startsWith("no cuBLASLt: ") && reason.contains("cannot open"), reason);
                assertThrowsSaying(
                        DeviceUnavailableException.class,
                        "only exact: no cuBLASLt",
                        () -> Devices.open(DeviceOptions.of("cuda-emulated").withNumerics(profile)));
            }
        } finally {
            System.clearProperty("PATCHBAY_EMULATOR");
        }
    }

    @Test
    void secondsAreThoseOfTheWorkAlone() {
        for (String name : List.of("cpu", "cuda-emulated")) {
            try (Device device = Devices.open(DeviceOptions.of(name))) {
                Tensor x = device.upload(new float[1 << 16], 256, 256, "x");
                double nothing = device.seconds(() -> {});
                double much = device.seconds(() -> {
                    for (int i = 0; i < 20; i++) {
                        device.ops().scale(x, 2, x);
                    }
                });
                assertTrue(nothing >= 0 && much > nothing && much < 60, nothing + " and " + much);
                x.buffer().close();
            }
        }
    }

    @Test
    void autoSaysWhatItChose() {
        try (Device device = Devices.open(DeviceOptions.of("auto").withThreads(2))) {
            assertEquals(Devices.list().get(1).isPresent() ? "cuda:0" : "cpu", device.name());
            assertEquals(Numerics.EXACT, device.numerics());
            assertTrue(device.name().equals("cuda:0") || device.description().endsWith("2 threads"));
            assertTrue(device.freeBytes() > 0);
            assertSame(device.ops(), device.ops());
        }
    }

    @Test
    void theSystemPropertyForcesAnInstructionSetWhereNoneIsAskedFor() {
        System.setProperty(InstructionSet.PROPERTY, "avx2");
        try (Device device = Devices.open(DeviceOptions.of("cpu"))) {
            assertTrue(device.description().contains("avx2"), device.description());
            System.setProperty(InstructionSet.PROPERTY, "neon");
            assertThrowsSaying(IllegalArgumentException.class, "'neon'", () -> Devices.open(DeviceOptions.of("cpu")));
        } finally {
            System.clearProperty(InstructionSet.PROPERTY);
        }
    }

    @Test
    void threadsBeyondReasonAreRefused() {
        assertThrows(
                IllegalArgumentException.class, () -> DeviceOptions.of("cpu").withThreads(-1));
        assertThrows(
                IllegalArgumentException.class, () -> DeviceOptions.of("cpu").withThreads(100_000));
    }

    @Test
    void aClosedDeviceFreesWhatIsOnItAndRefusesEveryUse() {
        Device device = Devices.open(DeviceOptions.of("cpu").withThreads(1));
        Tensor left = device.upload(new float[4], 2, 2, "left open");
        device.close();
        device.close();
        assertThrowsSaying(IllegalStateException.class, "closed", () -> device.allocate(4, "more"));
        assertThrowsSaying(IllegalStateException.class, "closed", device::synchronize);
        assertThrowsSaying(IllegalStateException.class, "closed", left::toFloats);
        assertThrowsSaying(
                IllegalStateException.class, "closed", () -> device.ops().scale(left, 2, left));
        left.buffer().close();
    }

    @Test
    void memoryThatIsNotThereIsAnErrorWithItsNumbers() {
        try (Device device = Devices.open(DeviceOptions.of("cpu").withThreads(1))) {
            long tooMuch = 1L << 50;
            OutOfDeviceMemoryException failure =
                    assertThrows(OutOfDeviceMemoryException.class, () -> device.allocate(tooMuch, "the moon"));
            assertEquals(tooMuch, failure.needed());
            assertTrue(failure.free() > 0 && failure.free() < tooMuch);
            assertEquals("the moon", failure.label());
            assertThrows(IllegalArgumentException.class, () -> device.allocate(0, "nothing"));
            assertThrows(ArithmeticException.class, () -> device.tensor(DType.F32, Long.MAX_VALUE, 2, "overflow"));
        }
    }

    @Test
    void threadsThatOverlapAreRefused() throws InterruptedException {
        try (Device device = Devices.open(DeviceOptions.of("cpu").withThreads(1));
                Matrices matrices = new Matrices(device)) {
            int size = 400;
            Weight weight = matrices.weight(new float[size * size], size, size, false);
            Tensor x = matrices.dense(new float[size * size], size, size);
            List<Ops.Gemm> work = List.of(new Ops.Gemm(x, weight, null, matrices.dense(size, size)));
            AtomicInteger refused = new AtomicInteger();
            CountDownLatch start = new CountDownLatch(1);
            Runnable task = () -> {
                try {
                    start.await();
                    for (int i = 0; i < 20; i++) {
                        device.ops().gemm(work);
                    }
                } catch (IllegalStateException overlap) {
                    refused.incrementAndGet();
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                }
            };
            List<Thread> threads = List.of(new Thread(task), new Thread(task));
            threads.forEach(Thread::start);
            start.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(1, refused.get());
            device.ops().gemm(work);
        }
    }
}
