package dev.patchbay.device;

import dev.patchbay.bindings.NativeLibraries;
import dev.patchbay.bindings.NativeLibraries.Outcome;
import dev.patchbay.bindings.cpu.CpuProvider;
import java.util.List;
import java.util.stream.Collectors;

/** Finds and opens devices. Nothing is probed before one of these methods is called. */
public final class Devices {
    private static final System.Logger LOGGER = System.getLogger(Devices.class.getName());
    private static final String CUDA_DRIVER = "libcuda.so.1";

    private Devices() {}

    /** Every device Patchbay knows, with what it is or why it is absent. */
    public static List<DeviceReport> list() {
        return List.of(CpuProvider.report(), cuda("cuda"), emulated());
    }

    /**
     * Opens a device; the caller closes it. A device that was asked for by name is opened or refused, never replaced.
     *
     * @throws DeviceUnavailableException with the reasons, where the device or its numerics profile is not there
     * @throws IllegalArgumentException where no device is called so
     */
    public static Device open(DeviceOptions options) {
        String name = options.name();
        if (name.equals("auto")) {
            return automatic(options);
        }
        DeviceReport report = report(name);
        if (!report.isPresent()) {
            throw new DeviceUnavailableException(name, report.absence().orElse("absent"));
        }
        if (!report.numerics().contains(options.numerics())) {
            String offered = report.numerics().stream().map(Numerics::label).collect(Collectors.joining(", "));
            throw new DeviceUnavailableException(
                    name, "numerics '" + options.numerics().label() + "' is not there, only " + offered);
        }
        return CpuProvider.open(options);
    }

    private static Device automatic(DeviceOptions options) {
        DeviceOptions choice =
                new DeviceOptions("cpu", options.numerics(), options.threads(), options.instructionSet());
        Device device = open(choice);
        LOGGER.log(System.Logger.Level.DEBUG, () -> "auto chose " + device.name() + ": " + device.description());
        return device;
    }

    private static DeviceReport report(String name) {
        if (name.equals("cpu")) {
            return CpuProvider.report();
        }
        if (name.equals("cuda") || name.matches("cuda:\\d{1,3}")) {
            return cuda(name);
        }
        if (name.equals("cuda-emulated")) {
            return emulated();
        }
        throw new IllegalArgumentException("device '" + name + "': expected auto, cpu, cuda, cuda:N or cuda-emulated");
    }

    private static DeviceReport cuda(String name) {
        return DeviceReport.absent(
                name,
                switch (NativeLibraries.open(CUDA_DRIVER)) {
                    case Outcome.Absent(var reason) -> "no NVIDIA driver: " + reason;
                    case Outcome.Opened _ -> "the NVIDIA driver is there, but this build holds no CUDA provider";
                });
    }

    private static DeviceReport emulated() {
        return DeviceReport.absent("cuda-emulated", "this build holds no CUDA provider to emulate");
    }
}
