package dev.patchbay.device;

import dev.patchbay.bindings.cpu.CpuProvider;
import dev.patchbay.bindings.cuda.CudaProvider;
import dev.patchbay.bindings.cuda.Nvml;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds and opens devices. Nothing is probed before one of these methods is called. */
public final class Devices {
    private static final System.Logger LOGGER = System.getLogger(Devices.class.getName());

    private Devices() {}

    /** Every device Patchbay knows, with what it is or why it is absent. */
    public static List<DeviceReport> list() {
        List<DeviceReport> reports = new ArrayList<>();
        reports.add(CpuProvider.report());
        reports.addAll(CudaProvider.reports());
        reports.add(CudaProvider.emulated(List.of(Numerics.values())));
        return reports;
    }

    /** What the NVIDIA driver's management library says of the machine's GPUs. */
    public static GpuFacts gpuFacts() {
        return Nvml.facts();
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
        DeviceReport report = report(name, options.numerics());
        if (!report.isPresent()) {
            throw new DeviceUnavailableException(name, report.absence().orElse("absent"));
        }
        if (!report.numerics().contains(options.numerics())) {
            String offered = report.numerics().stream().map(Numerics::label).collect(Collectors.joining(", "));
            String reason = Optional.ofNullable(report.missing().get(options.numerics()))
                    .map(why -> ": " + why)
                    .orElse("");
            throw new DeviceUnavailableException(
                    name, "numerics '" + options.numerics().label() + "' is not there, only " + offered + reason);
        }
        return name.equals("cpu") ? CpuProvider.open(options) : CudaProvider.open(name, options.numerics());
    }

    /** The first CUDA device that is there, else the CPU; never the emulated device. */
    private static Device automatic(DeviceOptions options) {
        String choice = report(CudaProvider.FIRST, Numerics.EXACT).isPresent() ? CudaProvider.FIRST : "cpu";
        Device device =
                open(new DeviceOptions(choice, options.numerics(), options.threads(), options.instructionSet()));
        LOGGER.log(System.Logger.Level.DEBUG, () -> "auto chose " + device.name() + ": " + device.description());
        return device;
    }

    private static DeviceReport report(String name, Numerics wanted) {
        if (name.equals("cpu")) {
            return CpuProvider.report();
        }
        if (name.equals(CudaProvider.FIRST) || name.matches("cuda:\\d{1,3}")) {
            return CudaProvider.report(name, List.of(wanted));
        }
        if (name.equals(CudaProvider.EMULATED)) {
            return CudaProvider.emulated(List.of(wanted));
        }
        throw new IllegalArgumentException("device '" + name + "': expected auto, cpu, cuda, cuda:N or cuda-emulated");
    }
}
