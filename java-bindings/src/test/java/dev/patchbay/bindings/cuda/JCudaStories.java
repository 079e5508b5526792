package dev.patchbay.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.DeviceReport;
import dev.patchbay.device.Devices;
import java.util.List;
import jcuda.driver.CUDA_MEMCPY2D;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;

/** What is JCuda's alone; {@link JCudaBindingTest} runs it. */
class JCudaStories {
    @Test
    void theReportSaysThatTheDriverIsCalledThroughJCuda() {
        DeviceReport report = Devices.list().getLast();
        assertTrue(report.description().orElseThrow().endsWith("emulator.so through JCuda 12.6.0)"), report.toString());
    }

    @Test
    void aFunctionThatTheEmulatorLacksIsRefusedByName() {
        try (CudaDriver driver = EmulatorControl.platform().open(0, "test")) {
            int code = JCudaDriver.cuMemcpy2D(new CUDA_MEMCPY2D());
            String[] name = {""};
            String[] text = {""};
            assertEquals(801, code);
            assertEquals(0, JCudaDriver.cuGetErrorName(code, name));
            assertEquals(0, JCudaDriver.cuGetErrorString(code, text));
            assertEquals("CUDA_ERROR_NOT_SUPPORTED", name[0]);
            assertTrue(text[0].contains("does not have cuMemcpy2D"), text[0]);
            driver.makeCurrent();
        }
    }

    @Test
    void aHandleThatWasGivenBackIsRefusedBeforeItReachesTheDriver() {
        try (CudaDriver driver = EmulatorControl.platform().open(0, "test")) {
            long stream = driver.createStream();
            long event = driver.createEvent();
            driver.destroyStream(stream);
            assertThrows(IllegalStateException.class, () -> driver.synchronize(stream));
            assertThrows(IllegalStateException.class, () -> driver.synchronize(event));
            driver.destroyEvent(event);
        }
    }

    @Test
    void aTimedEventSaysWhatTheStreamTook() {
        try (CudaDriver driver = EmulatorControl.platform().open(0, "test")) {
            long stream = driver.createStream();
            long begin = driver.createTimedEvent();
            long end = driver.createTimedEvent();
            driver.record(begin, stream);
            long address = driver.allocate(64L << 20, stream);
            driver.clear(address, 16 << 20, stream);
            driver.record(end, stream);
            driver.await(end);
            assertTrue(driver.milliseconds(begin, end) > 0);
            driver.free(address, stream);
            driver.synchronize(stream);
            driver.destroyEvent(begin);
            driver.destroyEvent(end);
            driver.destroyStream(stream);
        }
    }

    @Test
    void numbersOfHandlesAreUsedAgainAndTypesAreKept() {
        JCudaHandles handles = new JCudaHandles();
        List<CUstream> streams =
                java.util.stream.Stream.generate(CUstream::new).limit(40).toList();
        for (int i = 0; i < streams.size(); i++) {
            assertEquals(i + 1, handles.add(streams.get(i)));
        }
        assertEquals(streams.get(6), handles.remove(7, CUstream.class));
        assertEquals(7, handles.add(new CUstream()));
        assertThrows(IllegalStateException.class, () -> handles.get(41, CUstream.class));
        assertThrows(IllegalStateException.class, () -> handles.get(0, CUstream.class));
        assertThrows(IllegalStateException.class, () -> handles.get(3, jcuda.driver.CUevent.class));
    }
}
