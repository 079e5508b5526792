package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeLibraries.Outcome;
import dev.patchbay.bindings.cuda.CudaDevice.Setup;
import dev.patchbay.bindings.cuda.PanamaBlasLibrary.Binding;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceException;
import dev.patchbay.device.DeviceReport;
import dev.patchbay.device.DeviceUnavailableException;
import dev.patchbay.device.Numerics;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Says which CUDA devices there are, and opens them. */
public final class CudaProvider {
    /** What users call the emulated device. */
    public static final String EMULATED = "cuda-emulated";

    /** What users call the first device; those of a number are {@code cuda:N}. */
    public static final String FIRST = "cuda";

    private static final List<Numerics> FAST = List.of(Numerics.FAST32, Numerics.TF32, Numerics.BF16);
    /** Tensor cores of bfloat16 and TF32 came with 8.0. */
    private static final int FAST_MAJOR = 8;

    private CudaProvider() {}

    /** What came of an attempt to start a driver. */
    private sealed interface Start {
        record Started(CudaPlatform platform) implements Start {}

        record Failed(String reason) implements Start {}
    }

    /** Every device of the machine's driver, or one entry that says why there is none. */
    public static List<DeviceReport> reports() {
        return switch (start(CudaLocator.driver())) {
            case Start.Failed(var reason) -> List.of(DeviceReport.absent(FIRST, "no NVIDIA driver: " + reason));
            case Start.Started(var platform) -> {
                int count = platform.deviceCount();
                yield count == 0
                        ? List.of(DeviceReport.absent(FIRST, "the NVIDIA driver knows of no device"))
                        : IntStream.range(0, count)
                                .mapToObj(ordinal -> report(platform, ordinal, FIRST + ":" + ordinal, FAST))
                                .toList();
            }
        };
    }

    /**
     * The device of a name: {@code cuda}, {@code cuda:N}, and which of {@code wanted} profiles it has beside {@code exact};
     * libraries that none of them needs are not looked for.
     */
    public static DeviceReport report(String name, List<Numerics> wanted) {
        return switch (start(CudaLocator.driver())) {
            case Start.Failed(var reason) -> DeviceReport.absent(name, "no NVIDIA driver: " + reason);
            case Start.Started(var platform) -> report(platform, ordinal(name), name, wanted);
        };
    }

    private static DeviceReport report(CudaPlatform platform, int ordinal, String name, List<Numerics> wanted) {
        int count = platform.deviceCount();
        if (ordinal >= count) {
            return DeviceReport.absent(name, "the NVIDIA driver knows of " + count + " devices");
        }
        CudaProperties properties = platform.properties(ordinal);
        if (!properties.memoryPools()) {
            return DeviceReport.absent(name, properties.name() + " has no memory pools");
        }
        if (!CudaImage.isPresent()) {
            return DeviceReport.absent(
                    name, properties.name() + " is there, but this build holds no CUDA kernels: nvcc was not there");
        }
        return present(platform, properties, name, wanted);
    }

    private static DeviceReport present(
            CudaPlatform platform, CudaProperties properties, String name, List<Numerics> wanted) {
        String description = describe(platform, properties);
        List<Numerics> exact = List.of(Numerics.EXACT);
        List<Numerics> fast = wanted.stream().filter(FAST::contains).toList();
        if (fast.isEmpty()) {
            return DeviceReport.present(name, description, exact);
        }
        return switch (blas(platform, properties, name)) {
            case Binding.Failed(var reason) ->
                DeviceReport.present(name, description, exact).without(fast, reason);
            case Binding.Bound _ ->
                DeviceReport.present(
                        name,
                        description,
                        Stream.concat(exact.stream(), fast.stream()).toList());
        };
    }

    /** The library of products for a device, or why its fast profiles are not there. */
    private static Binding blas(CudaPlatform platform, CudaProperties properties, String name) {
        if (properties.major() < FAST_MAJOR) {
            return new Binding.Failed("the fast profiles need compute capability " + FAST_MAJOR + ".0");
        }
        return CudaBinding.asked().products(name.equals(EMULATED) ? Optional.of(platform.origin()) : Optional.empty());
    }

    /** The emulated device, as {@link #report}. */
    public static DeviceReport emulated(List<Numerics> wanted) {
        return switch (start(CudaLocator.emulator())) {
            case Start.Failed(var reason) -> DeviceReport.absent(EMULATED, "no emulated driver: " + reason);
            case Start.Started(var platform) -> present(platform, platform.properties(0), EMULATED, wanted);
        };
    }

    /** Opens a device that a report has found, in a profile that it has. */
    public static Device open(String name, Numerics numerics) {
        return open(platform(name), name, numerics);
    }

    private static Device open(CudaPlatform platform, String name, Numerics numerics) {
        boolean emulated = name.equals(EMULATED);
        int ordinal = ordinal(name);
        byte[] image = CudaImage.load().orElseGet(CudaImage::marker);
        String full = emulated ? EMULATED : FIRST + ":" + ordinal;
        CudaProperties properties = platform.properties(ordinal);
        String description = describe(platform, properties);
        if (numerics == Numerics.EXACT) {
            return CudaDevice.open(platform, ordinal, full, description, new Setup(numerics, image, Optional.empty()));
        }
        return switch (blas(platform, properties, name)) {
            case Binding.Failed(var reason) -> throw new DeviceUnavailableException(name, reason);
            case Binding.Bound(var library) ->
                CudaDevice.open(
                        platform,
                        ordinal,
                        full,
                        description + ", " + library.description(),
                        new Setup(numerics, image, Optional.of(library)));
        };
    }

    private static String describe(CudaPlatform platform, CudaProperties properties) {
        int version = platform.version();
        return "%s, driver for CUDA %s.%s (%s)"
                .formatted(properties.describe(), version / 1000, version % 1000 / 10, platform.origin());
    }

    /** The started driver of a device's name. */
    static CudaPlatform platform(String name) {
        return switch (start(name.equals(EMULATED) ? CudaLocator.emulator() : CudaLocator.driver())) {
            case Start.Failed(var reason) -> throw new DeviceUnavailableException(name, reason);
            case Start.Started(var platform) -> platform;
        };
    }

    /** The number of a device's name. */
    static int ordinal(String name) {
        return name.equals(FIRST) || name.equals(EMULATED) ? 0 : Integer.parseInt(name.substring(FIRST.length() + 1));
    }

    private static Start start(Outcome library) {
        return switch (library) {
            case Outcome.Absent(var reason) -> new Start.Failed(reason);
            case Outcome.Opened opened -> {
                try {
                    yield new Start.Started(CudaBinding.asked().bind(opened));
                } catch (LinkageError | DeviceException | IllegalArgumentException failure) {
                    yield new Start.Failed(opened.origin() + ": " + failure.getMessage());
                }
            }
        };
    }
}
