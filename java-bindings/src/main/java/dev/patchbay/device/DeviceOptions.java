package dev.patchbay.device;

/**
 * Which device to open, and how.
 *
 * @param name {@code auto}, {@code cpu}, {@code cuda}, {@code cuda:N} or {@code cuda-emulated}
 * @param numerics the profile to compute in
 * @param threads of the CPU device, 0 for all processors this process may use
 * @param instructionSet of the CPU device
 */
public record DeviceOptions(String name, Numerics numerics, int threads, InstructionSet instructionSet) {
    /** Most threads a CPU device may be asked for. */
    public static final int MAXIMUM_THREADS = 1024;

    /** Checks the number of threads. */
    public DeviceOptions {
        if (threads < 0 || threads > MAXIMUM_THREADS) {
            throw new IllegalArgumentException(
                    "threads " + threads + ": expected 0 (all processors) to " + MAXIMUM_THREADS);
        }
    }

    /** The device of that name, in {@link Numerics#EXACT}, with all threads and the widest instructions. */
    public static DeviceOptions of(String name) {
        return new DeviceOptions(name, Numerics.EXACT, 0, InstructionSet.AUTO);
    }

    /** The same in another numerics profile. */
    public DeviceOptions withNumerics(Numerics profile) {
        return new DeviceOptions(name, profile, threads, instructionSet);
    }

    /** The same with another number of threads. */
    public DeviceOptions withThreads(int count) {
        return new DeviceOptions(name, numerics, count, instructionSet);
    }

    /** The same with other instructions. */
    public DeviceOptions withInstructionSet(InstructionSet set) {
        return new DeviceOptions(name, numerics, threads, set);
    }
}
