package dev.patchbay.bindings.cpu;

import dev.patchbay.bindings.CpuLibrary;
import dev.patchbay.bindings.CpuLoader;
import dev.patchbay.bindings.NativeCodes;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.DeviceReport;
import dev.patchbay.device.DeviceUnavailableException;
import dev.patchbay.device.InstructionSet;
import dev.patchbay.device.Numerics;
import java.util.List;
import java.util.Optional;

/** Says whether there is a CPU device, and opens it. */
public final class CpuProvider {
    private static final List<Numerics> PROFILES = List.of(Numerics.EXACT);
    private static final List<Numerics> FAST = List.of(Numerics.FAST32, Numerics.TF32, Numerics.BF16);

    private CpuProvider() {}

    /** The CPU device of this machine, or why there is none. */
    public static DeviceReport report() {
        Optional<String> absence = CpuLoader.absence();
        if (absence.isPresent()) {
            return DeviceReport.absent("cpu", absence.get());
        }
        int widest = CpuLibrary.pb_cpu_supported_isa(NativeCodes.code(InstructionSet.AUTO));
        if (widest == 0) {
            return DeviceReport.absent("cpu", HostMachine.processor() + " has neither AVX-512 nor AVX2 with FMA");
        }
        int processors = Runtime.getRuntime().availableProcessors();
        return DeviceReport.present(
                        "cpu", describe(NativeCodes.constant(InstructionSet.class, widest), processors), PROFILES)
                .without(FAST, "the fast profiles are those of GPUs");
    }

    /** Opens it. */
    public static Device open(DeviceOptions options) {
        InstructionSet asked = options.instructionSet() == InstructionSet.AUTO
                ? InstructionSet.parse(System.getProperty(InstructionSet.PROPERTY, InstructionSet.AUTO.label()))
                : options.instructionSet();
        if (CpuLibrary.pb_cpu_supported_isa(NativeCodes.code(asked)) == 0) {
            throw new DeviceUnavailableException(
                    options.name(), HostMachine.processor() + " cannot run " + asked.label());
        }
        return CpuDevice.create(options.threads(), asked);
    }

    static String describe(InstructionSet instructions, int threads) {
        return HostMachine.processor() + ", " + instructions.label() + ", " + threads
                + (threads == 1 ? " thread" : " threads");
    }
}
