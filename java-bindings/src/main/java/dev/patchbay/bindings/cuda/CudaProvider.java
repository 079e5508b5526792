package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeLibraries.Outcome;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceException;
import dev.patchbay.device.DeviceReport;
import dev.patchbay.device.DeviceUnavailableException;
import dev.patchbay.device.Numerics;
import java.util.List;
import java.util.stream.IntStream;

/** Says which CUDA devices there are, and opens them. */
public final class CudaProvider {
    /** What users call the emulated device. */
    public static final String EMULATED = "cuda-emulated";

    /** What users call the first device; those of a number are {@code cuda:N}. */
    public static final String FIRST = "cuda";

    private static final List<Numerics> PROFILES = List.of(Numerics.EXACT);

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
                                .mapToObj(ordinal -> report(platform, ordinal, FIRST + ":" + ordinal))
                                .toList();
            }
        };
    }

    /** The device of a name: {@code cuda}, {@code cuda:N}. */
    public static DeviceReport report(String name) {
        return switch (start(CudaLocator.driver())) {
            case Start.Failed(var reason) -> DeviceReport.absent(name, "no NVIDIA driver: " + reason);
            case Start.Started(var platform) -> report(platform, ordinal(name), name);
        };
    }

    private static DeviceReport report(CudaPlatform platform, int ordinal, String name) {
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
        return DeviceReport.present(name, describe(platform, properties), PROFILES);
    }

    /** The emulated device. */
    public static DeviceReport emulated() {
        return switch (start(CudaLocator.emulator())) {
            case Start.Failed(var reason) -> DeviceReport.absent(EMULATED, "no emulated driver: " + reason);
            case Start.Started(var platform) ->
                DeviceReport.present(EMULATED, describe(platform, platform.properties(0)), PROFILES);
        };
    }

    /** Opens a device that a report has found. */
    public static Device open(String name) {
        return switch (start(name.equals(EMULATED) ? CudaLocator.emulator() : CudaLocator.driver())) {
            case Start.Failed(var reason) -> throw new DeviceUnavailableException(name, reason);
            case Start.Started(var platform) -> open(platform, name);
        };
    }

    private static Device open(CudaPlatform platform, String name) {
        boolean emulated = name.equals(EMULATED);
        int ordinal = emulated ? 0 : ordinal(name);
        byte[] image = CudaImage.load().orElseGet(CudaImage::marker);
        String full = emulated ? EMULATED : FIRST + ":" + ordinal;
        return CudaDevice.open(platform, ordinal, full, describe(platform, platform.properties(ordinal)), image);
    }

    private static String describe(CudaPlatform platform, CudaProperties properties) {
        int version = platform.version();
        return "%s, driver for CUDA %s.%s (%s)"
                .formatted(properties.describe(), version / 1000, version % 1000 / 10, platform.origin());
    }

    private static int ordinal(String name) {
        return name.equals(FIRST) ? 0 : Integer.parseInt(name.substring(FIRST.length() + 1));
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
