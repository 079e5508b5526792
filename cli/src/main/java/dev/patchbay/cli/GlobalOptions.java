package dev.patchbay.cli;

import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.device.InstructionSet;
import dev.patchbay.device.Numerics;
import dev.patchbay.model.InputException;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The options that every command has. */
final class GlobalOptions {
    static final String DEBUG = "--debug";
    private static final String RAW = "raw";

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "auto, cpu, cuda, cuda:N or cuda-emulated (default: ${DEFAULT-VALUE})")
    private String device = "auto";

    @Option(
            names = "--numerics",
            paramLabel = "PROFILE",
            description = "exact, fast32, tf32 or bf16 (default: ${DEFAULT-VALUE})")
    private String numerics = "exact";

    @Option(names = "--threads", paramLabel = "N", description = "threads of the CPU device (default: all)")
    private int threads;

    @Option(names = "--seed", paramLabel = "SEED", description = "of everything random (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--weights",
            paramLabel = "raw|tl",
            description = "weights as stored, or processed as TransformerLens does (default: ${DEFAULT-VALUE})")
    private String weights = "raw";

    @Option(names = "--json", description = "print one JSON object, the last line of standard output")
    private boolean json;

    @SuppressWarnings("UnusedVariable") // Main looks for the option itself, also where arguments cannot be parsed.
    @Option(names = DEBUG, description = "on failure print the trace, too")
    private boolean debug;

    /** Refuses values that no command could use, before anything is opened. */
    void check() {
        deviceOptions();
        if (!weights.equals(RAW) && !weights.equals("tl")) {
            throw new InputException("--weights: expected raw or tl, found '" + weights + "'");
        }
    }

    private DeviceOptions deviceOptions() {
        if (!device.matches("auto|cpu|cuda|cuda:\\d{1,3}|cuda-emulated")) {
            throw new InputException(
                    "--device: expected auto, cpu, cuda, cuda:N or cuda-emulated, found '" + device + "'");
        }
        if (threads < 0 || threads > DeviceOptions.MAXIMUM_THREADS) {
            throw new InputException(
                    "--threads: expected 0 (all) to " + DeviceOptions.MAXIMUM_THREADS + ", found " + threads);
        }
        return new DeviceOptions(device, profile(), threads, InstructionSet.AUTO);
    }

    private Numerics profile() {
        return Arrays.stream(Numerics.values())
                .filter(each -> each.label().equals(numerics))
                .findFirst()
                .orElseThrow(() -> new InputException("--numerics: expected "
                        + Arrays.stream(Numerics.values()).map(Numerics::label).collect(Collectors.joining(", "))
                        + ", found '" + numerics + "'"));
    }

    /** Opens the device; the caller closes it. */
    Device openDevice() {
        return Devices.open(deviceOptions());
    }

    /** Opens the device in the exact profile; the caller closes it. */
    Device openExactDevice() {
        return Devices.open(deviceOptions().withNumerics(Numerics.EXACT));
    }

    /** The seed of everything random. */
    long seed() {
        return seed;
    }

    /** Whether weights are processed as TransformerLens does. */
    boolean processed() {
        return !weights.equals(RAW);
    }

    /** Which weights are computed with. */
    String weights() {
        return weights;
    }

    /** Whether the result is one JSON object. */
    boolean json() {
        return json;
    }
}
