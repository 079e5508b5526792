package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.ForeignAccess;
import dev.patchbay.bindings.NativeLibraries.Outcome;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The functions that the emulated driver has for tests. */
public final class EmulatorControl {
    private static final int REPORT_BYTES = 4096;
    private static final MethodHandle SET_SEED = function("cuEmulatorSetSeed", FunctionDescriptor.ofVoid(JAVA_LONG));
    private static final MethodHandle REPORT =
            function("cuEmulatorReport", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle RESET =
            function("cuEmulatorReset", FunctionDescriptor.ofVoid(new MemoryLayout[0]));

    private EmulatorControl() {}

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        return switch (CudaLocator.emulator()) {
            case Outcome.Opened opened -> ForeignAccess.function(opened.symbols(), name, descriptor);
            case Outcome.Absent(var reason) -> throw new AssertionError("build the emulated driver: " + reason);
        };
    }

    /** The emulated driver in the binding that this process uses. */
    static CudaPlatform platform() {
        return switch (CudaLocator.emulator()) {
            case Outcome.Opened opened -> CudaBinding.asked().bind(opened);
            case Outcome.Absent(var reason) -> throw new AssertionError("build the emulated driver: " + reason);
        };
    }

    /** The order of blocks and threads of the launches that follow; 0 is the natural one. */
    public static void seed(long seed) {
        try {
            SET_SEED.invokeExact(seed);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    /** What the last fault was. */
    static String report() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(REPORT_BYTES);
            long _ = (long) REPORT.invokeExact(text.address(), (long) REPORT_BYTES);
            return text.getString(0);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    /** Makes a lost device whole again, which no real one would be. */
    static void reset() {
        try {
            RESET.invokeExact();
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }
}
