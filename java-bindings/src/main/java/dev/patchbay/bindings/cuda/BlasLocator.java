package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeLibraries;
import dev.patchbay.bindings.NativeLibraries.Outcome;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where cuBLASLt and cuBLAS are looked for: the folder of {@code PATCHBAY_CUDA_PATH}, the loader's path, the folders of the CUDA
 * toolkit, and those where Python's package manager puts NVIDIA's packages.
 */
final class BlasLocator {
    private static final String STEM = "libcublasLt.so";
    /** Those with the functions that we call as we call them, the newest first. */
    private static final List<String> NAMES = List.of(STEM + ".13", STEM + ".12");

    private static final List<String> TOOLKITS = List.of(
            "/usr/local/cuda/lib64",
            "/usr/local/cuda/targets/x86_64-linux/lib",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib64");
    private static final String CUBLAS = "libcublas.so.12";
    private static final String EMULATED = "libpatchbay_cublaslt_emulator.so";

    private BlasLocator() {}

    /** That of the machine. */
    static Outcome library() {
        return find(NAMES);
    }

    /** The machine's cuBLAS of the version that JCublas is made for. */
    static Outcome cublas() {
        return find(List.of(CUBLAS));
    }

    private static Outcome find(List<String> names) {
        Set<String> places = new LinkedHashSet<>();
        NativeLibraries.setting(CudaLocator.CUDA_PATH)
                .map(Path::of)
                .map(path ->
                        Files.isDirectory(path) ? path : path.toAbsolutePath().getParent())
                .ifPresent(folder -> addFiles(folder, names, places));
        places.addAll(names);
        Stream.concat(TOOLKITS.stream().map(Path::of), pythonFolders())
                .forEach(folder -> addFiles(folder, names, places));
        List<String> reasons = new ArrayList<>();
        for (String place : places) {
            switch (NativeLibraries.open(place)) {
                case Outcome.Opened opened -> {
                    return opened;
                }
                case Outcome.Absent(var reason) -> reasons.add(reason);
            }
        }
        return new Outcome.Absent(String.join("; ", reasons)
                + "; nor in a folder of the CUDA toolkit or of Python's nvidia packages (" + CudaLocator.CUDA_PATH
                + " names another)");
    }

    /** The one beside the emulated driver. */
    static Outcome emulator(String driver) {
        return NativeLibraries.open(beside(driver, EMULATED));
    }

    /** The stand-in for cuBLAS, in the folder of what a loader finds. */
    static Outcome emulatedCublas(String driver) {
        return NativeLibraries.open(beside(driver, "loader/" + CUBLAS));
    }

    private static String beside(String driver, String file) {
        Path folder = Optional.ofNullable(Path.of(driver).getParent()).orElse(Path.of(""));
        return folder.resolve(file).toAbsolutePath().toString();
    }

    private static void addFiles(Path folder, List<String> names, Set<String> places) {
        names.stream()
                .map(folder::resolve)
                .filter(Files::exists)
                .map(Path::toString)
                .forEach(places::add);
    }

    /** {@code site-packages/nvidia/*}{@code /lib} of the Pythons that this process can know of. */
    private static Stream<Path> pythonFolders() {
        List<Path> roots = new ArrayList<>();
        for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            Optional.ofNullable(System.getenv(variable)).map(Path::of).ifPresent(roots::add);
        }
        roots.add(Path.of(System.getProperty("user.home"), ".local"));
        roots.add(Path.of("/usr/local"));
        roots.add(Path.of("/usr"));
        return roots.stream()
                .map(root -> root.resolve("lib"))
                .flatMap(lib -> matching(lib, "python3*"))
                .flatMap(python -> Stream.of(python.resolve("site-packages"), python.resolve("dist-packages")))
                .map(packages -> packages.resolve("nvidia"))
                .flatMap(nvidia -> matching(nvidia, "*"))
                .map(one -> one.resolve("lib"));
    }

    /** What matches in a folder, sorted; nothing where it cannot be read. */
    private static Stream<Path> matching(Path folder, String pattern) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, pattern)) {
            entries.forEach(found::add);
        } catch (IOException unreadable) {
            return Stream.empty();
        }
        return found.stream().sorted();
    }
}
