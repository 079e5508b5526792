package dev.patchbay.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Devices;
import dev.patchbay.device.GpuFacts;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What doctor says of GPUs, on a stand-in for NVML that knows one. */
class NvmlTest {
    private static final Path LOADER =
            Path.of("..", "build", "native", "loader").toAbsolutePath().normalize();

    @AfterEach
    void forget() {
        System.clearProperty(CudaLocator.CUDA_PATH);
    }

    @Test
    void everyFactIsTheLibrarysAndARefusalIsItsReason() {
        for (Path named : List.of(LOADER, LOADER.resolve("libcuda.so.1"))) {
            System.setProperty(CudaLocator.CUDA_PATH, named.toString());
            GpuFacts facts = Devices.gpuFacts();
            assertEquals(Optional.of("580.65.06"), facts.driver());
            assertEquals(Optional.empty(), facts.absence());
            assertEquals(1, facts.gpus().size());
            Map<String, String> gpu = facts.gpus().getFirst().facts();
            assertEquals(
                    List.of(
                            "name=Patchbay emulated CUDA device",
                            "uuid=GPU-70617463-6862-6179-2065-6d756c617465",
                            "memory=79.6 GiB, 78.1 GiB free",
                            "graphics clock=1200 MHz of at most 1980",
                            "memory clock=2600 MHz of at most 2619",
                            "power=122 W of at most 700",
                            "ecc=on",
                            "mig=not told: nvmlDeviceGetMigMode: Not Supported",
                            "processes=4321 has 1.0 GiB, 4322 has memory that is not told"),
                    gpu.entrySet().stream().map(Object::toString).toList());
        }
    }

    @Test
    void whereItIsNotThereTheReasonIsTheLoadersForThePlaceWeWereTold() {
        System.setProperty(CudaLocator.CUDA_PATH, "/no/such/folder");
        GpuFacts facts = Devices.gpuFacts();
        assertEquals(List.of(), facts.gpus());
        String reason = facts.absence().orElseThrow();
        assertTrue(reason.startsWith("no NVML: /no/such/libnvidia-ml.so.1: cannot open shared object file"), reason);
    }

    @Test
    void aLibraryThatLacksAFunctionSaysWhichOne() throws NvmlLibrary.Refused {
        try (NvmlLibrary library = new NvmlLibrary(symbol -> switch (dev.patchbay.bindings.NativeLibraries.open(
                LOADER.resolve("libnvidia-ml.so.1").toString())) {
            case dev.patchbay.bindings.NativeLibraries.Outcome.Opened opened ->
                symbol.equals("nvmlDeviceGetMigMode")
                        ? Optional.empty()
                        : opened.symbols().find(symbol);
            case dev.patchbay.bindings.NativeLibraries.Outcome.Absent(var reason) -> throw new AssertionError(reason);
        })) {
            String said = org.junit.jupiter.api.Assertions.assertThrows(
                            NvmlLibrary.Refused.class, () -> library.call("nvmlDeviceGetMigMode", 0L, 0L, 0L))
                    .toString();
            assertTrue(said.contains("does not have nvmlDeviceGetMigMode"), said);
        }
    }
}
