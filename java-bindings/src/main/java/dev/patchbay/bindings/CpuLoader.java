package dev.patchbay.bindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.patchbay.bindings.NativeLibraries.Outcome;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Finds {@code libpatchbay_cpu.so} once and makes sure that it speaks our version of the border. */
public final class CpuLoader {
    /** {@code PB_CPU_ABI_VERSION} of the headers that {@link NativeStructs} mirrors. */
    static final int ABI_VERSION = 1;

    private static final Outcome OUTCOME = load();

    private CpuLoader() {}

    /** Why there is no CPU library, or empty where there is one. */
    public static Optional<String> absence() {
        return OUTCOME instanceof Outcome.Absent(var reason) ? Optional.of(reason) : Optional.empty();
    }

    /** Where the library was loaded from, or empty where there is none. */
    public static Optional<String> origin() {
        return OUTCOME instanceof Outcome.Opened opened ? Optional.of(opened.origin()) : Optional.empty();
    }

    /** The symbols of the library; callers ask {@link #absence} first. */
    static SymbolLookup symbols() {
        return switch (OUTCOME) {
            case Outcome.Opened opened -> opened.symbols();
            case Outcome.Absent(var reason) -> throw new UnsatisfiedLinkError(reason);
        };
    }

    private static Outcome load() {
        Outcome outcome = NativeLibraries.openOurs("patchbay_cpu");
        return outcome instanceof Outcome.Opened opened ? accept(opened) : outcome;
    }

    private static Outcome accept(Outcome.Opened library) {
        int version;
        try {
            MethodHandle handle =
                    ForeignAccess.function(library.symbols(), "pb_cpu_abi_version", FunctionDescriptor.of(JAVA_INT));
            version = (int) handle.invokeExact();
        } catch (UnsatisfiedLinkError foreign) {
            return new Outcome.Absent(library.origin() + " is no Patchbay CPU library: " + foreign.getMessage());
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
        return checkVersion(library, version);
    }

    static Outcome checkVersion(Outcome.Opened library, int version) {
        if (version == ABI_VERSION) {
            return library;
        }
        return new Outcome.Absent(library.origin() + " speaks version " + version
                + " of the native border, this build of Patchbay version " + ABI_VERSION
                + ": take both from one build");
    }
}
