package dev.patchbay.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceLostException;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.device.OutOfDeviceMemoryException;
import dev.patchbay.device.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Failures of the emulated driver as users see them. */
class CudaFailuresTest {
    private Device device = Devices.open(DeviceOptions.of("cpu").withThreads(1));

    @BeforeEach
    void open() {
        device.close();
        device = Devices.open(DeviceOptions.of(CudaProvider.EMULATED));
    }

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void memoryThatIsNotThereIsAnErrorWithItsNumbersAndHarmsNothing() {
        long free = device.freeBytes();
        assertTrue(free > 700 << 20 && free < 768 << 20, "the build gives it 768 MiB, free are " + free);
        OutOfDeviceMemoryException failure =
                assertThrows(OutOfDeviceMemoryException.class, () -> device.allocate(free + 1, "the moon"));
        assertEquals(free + 1, failure.needed());
        assertEquals(free, failure.free());
        assertEquals("the moon", failure.label());
        try (var half = device.allocate(free / 2, "half")) {
            assertEquals(free - half.bytes(), device.freeBytes());
        }
        assertEquals(free, device.freeBytes());
    }

    @Test
    void aKernelThatTheImageLacksIsAnErrorThatNamesIt() {
        try (CudaDriver driver = EmulatorControl.platform().open(0, "test")) {
            long image;
            try (Arena arena = Arena.ofConfined()) {
                image = driver.loadImage(arena.allocateFrom("nothing"));
            }
            CudaException failure = assertThrows(CudaException.class, () -> driver.kernel(image, "pb_no_such"));
            assertEquals(500, failure.status());
            assertEquals("CUDA_ERROR_NOT_FOUND", failure.name());
            assertEquals("test", failure.device());
            assertTrue(
                    failure.toString()
                            .matches("(?s).*cu(LibraryGetKernel|ModuleGetFunction)\\(pb_no_such\\) on test.*"),
                    failure.toString());
            assertTrue(failure.toString().contains("named symbol not found"), failure.toString());
            driver.unload(image);
        }
    }

    @Test
    void aFaultInAKernelLosesTheDeviceForEveryLaterUse() {
        Tensor kept = device.upload(new float[] {1, 2}, 1, 2, "kept");
        fault();
        try {
            DeviceLostException loss = assertThrows(DeviceLostException.class, device::synchronize);
            assertEquals(CudaProvider.EMULATED, loss.device());
            assertEquals(CudaResult.ILLEGAL_ADDRESS.code(), loss.status());
            assertInstanceOf(CudaException.class, loss.getCause());
            assertTrue(EmulatorControl.report().contains("pb_combine_f32"), EmulatorControl.report());
            assertThrows(DeviceLostException.class, kept::toFloats);
            assertThrows(DeviceLostException.class, () -> device.ops().scale(kept, 2, kept));
            assertThrows(DeviceLostException.class, () -> device.allocate(4, "more"));
            kept.buffer().close();
            device.close();
            assertThrows(IllegalStateException.class, device::synchronize);
        } finally {
            EmulatorControl.reset();
        }
    }

    @Test
    void aLossThatNobodyHasSeenYetDoesNotKeepTheDeviceFromClosing() {
        Tensor left = device.upload(new float[] {1, 2}, 1, 2, "left");
        fault();
        try {
            left.buffer().close();
            device.close();
            device.close();
        } finally {
            EmulatorControl.reset();
        }
    }

    /** A kernel that reads where nothing is, in the context that the device shares. */
    private static void fault() {
        CudaDriver driver = EmulatorControl.platform().open(0, "saboteur");
        try (Arena arena = Arena.ofConfined()) {
            long stream = driver.createStream();
            long kernel =
                    driver.kernel(driver.loadImage(arena.allocateFrom("nothing")), CudaKernel.COMBINE_F32.symbol());
            MemorySegment memory = arena.allocate(NativeStructs.COMBINE.size(), 8);
            long parameters = new StructWriter(memory)
                    .begin(NativeStructs.COMBINE)
                    .pointer("a", 64)
                    .pointer("b", 0)
                    .pointer("out", 64)
                    .int64("rows", 1)
                    .int64("columns", 1)
                    .int64("a_stride", 1)
                    .int64("b_stride", 0)
                    .int64("out_stride", 1)
                    .int32("kind", 1)
                    .float32("factor", 2)
                    .end();
            driver.launch(kernel, CudaLaunches.elementwise(1, 1), CudaKernel.COMBINE_F32.threads(), stream, parameters);
            assertThrows(DeviceLostException.class, () -> driver.synchronize(stream));
            assertTrue(driver.isLost());
            assertThrows(DeviceLostException.class, driver::makeCurrent);
        } finally {
            driver.close();
        }
    }

    @Test
    void theContextFollowsTheThreadThatUsesTheDevice() throws InterruptedException {
        Tensor values = device.upload(new float[] {1, 2, 3}, 1, 3, "values");
        Thread other = Thread.ofPlatform().start(() -> device.ops().scale(values, 10, values));
        other.join();
        assertEquals(30, values.toFloats()[2]);
        values.buffer().close();
    }

    @Test
    void aRefusedLaunchIsNoLoss() {
        try (CudaDriver driver = EmulatorControl.platform().open(0, "test");
                Arena arena = Arena.ofConfined()) {
            long stream = driver.createStream();
            long kernel = driver.kernel(driver.loadImage(arena.allocateFrom("nothing")), CudaKernel.EDIT_F32.symbol());
            CudaException failure = assertThrows(
                    CudaException.class,
                    () -> driver.launch(
                            kernel,
                            new CudaLaunch(1, 1, 0),
                            4096,
                            stream,
                            arena.allocate(512).address()));
            assertEquals("CUDA_ERROR_INVALID_VALUE", failure.name());
            driver.makeCurrent();
            driver.destroyStream(stream);
        }
    }
}
