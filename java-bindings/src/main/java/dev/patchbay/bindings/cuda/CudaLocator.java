package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeLibraries;
import dev.patchbay.bindings.NativeLibraries.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where drivers are looked for. */
final class CudaLocator {
    /** System property and environment variable that names a folder or file to load the CUDA driver from. */
    static final String CUDA_PATH = "PATCHBAY_CUDA_PATH";

    /** System property and environment variable that names the emulated driver. */
    static final String EMULATOR = "PATCHBAY_EMULATOR";

    private static final String DRIVER = "libcuda.so.1";
    private static final String MANAGEMENT = "libnvidia-ml.so.1";
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
        return search(DRIVER);
    }

    /** The driver's management library: beside the driver where we are told of one, else as {@link #driver}. */
    static Outcome management() {
        Optional<String> asked = NativeLibraries.setting(CUDA_PATH);
        if (asked.isPresent()) {
            Path path = Path.of(asked.get()).toAbsolutePath();
            Path file = Files.isDirectory(path) ? path.resolve(MANAGEMENT) : path.resolveSibling(MANAGEMENT);
            return NativeLibraries.open(file.toString());
        }
        return search(MANAGEMENT);
    }

    /** On the loader's path, then in the usual folders; where it is nowhere, why not, for each. */
    private static Outcome search(String name) {
        List<String> reasons = new ArrayList<>();
        List<String> without = new ArrayList<>();
        List<String> places = new ArrayList<>(List.of(name));
        for (String folder : FOLDERS) {
            Path file = Path.of(folder, name);
            if (Files.exists(file)) {
                places.add(file.toString());
            } else {
                without.add(folder);
            }
        }
        for (String place : places) {
            switch (NativeLibraries.open(place)) {
                case Outcome.Opened opened -> {
                    return opened;
                }
                case Outcome.Absent(var reason) -> reasons.add(reason);
            }
        }
        reasons.add("no such file in " + String.join(", ", without));
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
