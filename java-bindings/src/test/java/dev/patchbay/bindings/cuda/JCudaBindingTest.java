package dev.patchbay.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.patchbay.bindings.TestProcess;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.DeviceUnavailableException;
import dev.patchbay.device.Devices;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The CUDA device through JCuda, on the emulated driver. JCuda takes the {@code libcuda.so.1} that the loader finds, so
 * the tests run in a process whose loader finds the emulator.
 */
class JCudaBindingTest {
    private static final Path LOADER =
            Path.of("..", "build", "native", "loader").toAbsolutePath().normalize();
    private static final String LIBRARY = "lib/libJCudaDriver-12.6.0-linux-x86_64.so";

    @TempDir
    private Path work = Path.of("");

    @Test
    void everyContractHoldsThroughJCudaToo() throws IOException, InterruptedException {
        assumeTrue(
                JCudaBindingTest.class.getClassLoader().getResource(LIBRARY) != null,
                "not run: org.jcuda:jcuda-natives is not on the path");
        Path temporary = Files.createDirectory(work.resolve("temporary"));
        Path cache = work.resolve("cache");
        Process process = start(
                List.of(
                        "-Djava.io.tmpdir=" + temporary,
                        "-DPATCHBAY_CACHE=" + cache,
                        "-DPATCHBAY_CUDA_BINDING=jcuda",
                        "-Dpatchbay.test.devices=cuda-emulated"),
                List.of(
                        "dev.patchbay.bindings.cuda.JCudaStories",
                        "dev.patchbay.bindings.cuda.StagingTest",
                        "dev.patchbay.bindings.cuda.CudaFailuresTest",
                        "dev.patchbay.device.OpsContractTest",
                        "dev.patchbay.device.EditContractTest",
                        "dev.patchbay.device.AttentionContractTest",
                        "dev.patchbay.device.FastProfilesTest"));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        String[] lines = output.strip().split("\n", -1);
        String last = lines[lines.length - 1];
        assertTrue(last.matches("passed \\d{2,}"), output);
        try (Stream<Path> left = Files.walk(temporary)) {
            assertArrayEquals(
                    new Path[] {temporary},
                    left.filter(path -> !path.toString().contains("hsperfdata")).toArray(),
                    "JCuda has used the temporary folder");
        }
        try (Stream<Path> unpacked = Files.walk(cache)) {
            assertTrue(unpacked.anyMatch(path -> path.endsWith(Path.of(LIBRARY).getFileName())));
        }
    }

    private Process start(List<String> options, List<String> classes) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--illegal-native-access=deny"));
        command.addAll(options);
        command.addAll(List.of("-cp", path(), TestProcess.class.getName()));
        command.addAll(classes);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LD_LIBRARY_PATH", LOADER.toString());
        return builder.start();
    }

    /** What this process runs with, all of it as a class path. */
    private static String path() {
        Set<String> places = new LinkedHashSet<>(List.of("target/test-classes", "target/classes"));
        for (String property : List.of("jdk.module.path", "java.class.path")) {
            places.addAll(List.of(System.getProperty(property, "").split(File.pathSeparator, -1)));
        }
        return String.join(File.pathSeparator, places);
    }

    @Test
    void aBindingThatDoesNotExistIsAReasonThatNamesTheOnesThatDo() {
        System.setProperty(CudaBinding.SETTING, "jni");
        try {
            DeviceUnavailableException refusal = Assertions.assertThrows(
                    DeviceUnavailableException.class, () -> Devices.open(DeviceOptions.of(CudaProvider.EMULATED)));
            assertTrue(
                    refusal.toString().contains("PATCHBAY_CUDA_BINDING is 'jni': expected panama or jcuda"),
                    refusal.toString());
        } finally {
            System.clearProperty(CudaBinding.SETTING);
        }
    }
}
