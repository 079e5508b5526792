package dev.patchbay.bench.border;

import dev.patchbay.bindings.NativeLibraries;
import dev.patchbay.bindings.NativeLibraries.Outcome;

/** The CUDA driver of empty functions. It stands where the emulated one would. */
final class EmptyDriver {
    /** The system property that names it. */
    static final String PROPERTY = "PATCHBAY_EMULATOR";

    private EmptyDriver() {}

    /** Opens it. */
    static Outcome.Opened open() {
        String path = System.getProperty(PROPERTY, "");
        return switch (NativeLibraries.open(path)) {
            case Outcome.Opened opened -> opened;
            case Outcome.Absent(var reason) -> throw new IllegalStateException(PROPERTY + ": " + reason);
        };
    }
}
