package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeLibraries;
import dev.patchbay.bindings.NativeLibraries.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where drivers are looked for. */
final class CudaLocator {
    /** System property and environment variable that names a folder or file to load the CUDA driver from. */
    static final String CUDA_PATH = "PATCHBAY_CUDA_PATH";

    /** System property and environment variable that names the emulated driver. */
    static final String EMULATOR = "PATCHBAY_EMULATOR";

    private static final String DRIVER = "libcuda.so.1";
    private static final List<String> FOLDERS = List.of(
            "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64", "/usr/lib");
    private static final Path EMULATOR_FILE = Path.of("build", "native", "libpatchbay_cuda_emulator.so");

    private CudaLocator() {}

    /** The driver of the machine: where we are told, else on the loader's path, else in the usual folders. */
    static Outcome driver() {
        Optional<String> asked = NativeLibraries.setting(CUDA_PATH);
        if (asked.isPresent()) {
            Path path = Path.of(asked.get());
            return NativeLibraries.open((Files.isDirectory(path) ? path.resolve(DRIVER) : path).toString());
        }
        List<String> reasons = new ArrayList<>();
        Stream<String> places = FOLDERS.stream()
                .map(folder -> Path.of(folder, DRIVER))
                .filter(Files::exists)
                .map(Path::toString);
        for (String place : Stream.concat(Stream.of(DRIVER), places).toList()) {
            switch (NativeLibraries.open(place)) {
                case Outcome.Opened opened -> {
                    return opened;
                }
                case Outcome.Absent(var reason) -> reasons.add(reason);
            }
        }
        return new Outcome.Absent(String.join("; ", reasons));
    }

    /** The emulated driver: where we are told, else in the build folder of the checkout that we run in. */
    static Outcome emulator() {
        Optional<String> asked = NativeLibraries.setting(EMULATOR);
        if (asked.isPresent()) {
            return NativeLibraries.open(asked.get());
        }
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            Path library = folder.resolve(EMULATOR_FILE);
            if (Files.isRegularFile(library)) {
                return NativeLibraries.open(library.toString());
            }
        }
        return new Outcome.Absent("it is for tests: " + EMULATOR + " is not set, and neither " + start
                + " nor a folder above it holds " + EMULATOR_FILE);
    }
}
