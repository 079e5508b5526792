package dev.patchbay.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Opens native libraries through {@code dlopen}, so that an absence comes with the loader's own reason.
 *
 * <p>A library of ours is looked for in this order, and the first place that names it decides: the system property or
 * environment variable {@code PATCHBAY_NATIVE_PATH} (a folder, or the file itself), the resource of our jar (unpacked by
 * {@link UnpackedLibrary}), the loader's own path. Libraries stay open for the life of the process.
 */
public final class NativeLibraries {
    /** System property and environment variable that names a folder or file to load native libraries from. */
    public static final String NATIVE_PATH = "PATCHBAY_NATIVE_PATH";

    private static final int RTLD_NOW = 2;
    private static final SymbolLookup SYSTEM = Linker.nativeLinker().defaultLookup();
    private static final MethodHandle DLOPEN =
            ForeignAccess.function(SYSTEM, "dlopen", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle DLSYM =
            ForeignAccess.function(SYSTEM, "dlsym", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle DLERROR =
            ForeignAccess.function(SYSTEM, "dlerror", FunctionDescriptor.of(ADDRESS));

    private NativeLibraries() {}

    /** What came of an attempt to open a library. */
    public sealed interface Outcome {
        /** The library is open; {@code origin} says where it came from. */
        record Opened(SymbolLookup symbols, String origin) implements Outcome {}

        /** It is not, and why: one sentence. */
        record Absent(String reason) implements Outcome {}
    }

    /** Opens one of our libraries, {@code lib<name>.so}, see the order above. */
    public static Outcome openOurs(String name) {
        String file = "lib" + name + ".so";
        Optional<String> asked = setting(NATIVE_PATH);
        if (asked.isPresent()) {
            Path path = Path.of(asked.get());
            return open((Files.isDirectory(path) ? path.resolve(file) : path).toString());
        }
        List<String> reasons = new ArrayList<>();
        switch (UnpackedLibrary.unpack(file)) {
            case UnpackedLibrary.Result.Unpacked(var path) -> {
                return open(path.toString());
            }
            case UnpackedLibrary.Result.Absent(var reason) -> reasons.add(reason);
        }
        Outcome outcome = open(file);
        if (outcome instanceof Outcome.Absent(var reason)) {
            reasons.add(reason);
            return new Outcome.Absent(String.join("; ", reasons));
        }
        return outcome;
    }

    /** Opens the library at a path, or on the loader's path where {@code name} is a bare file name. */
    public static Outcome open(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = (MemorySegment) DLOPEN.invokeExact(arena.allocateFrom(name), RTLD_NOW);
            return handle.address() == 0
                    ? new Outcome.Absent(lastError(name))
                    : new Outcome.Opened(symbol -> find(handle, symbol), name);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    /** Writes another's library to our cache, see {@link UnpackedLibrary}; returns the file. */
    public static Path unpack(String file, byte[] content) throws IOException {
        return UnpackedLibrary.unpack(file, content, UnpackedLibrary.cacheFolder());
    }

    /** A system property or, where it is not set, the environment variable of the same name. */
    public static Optional<String> setting(String name) {
        return Optional.ofNullable(System.getProperty(name, System.getenv(name)))
                .filter(value -> !value.isBlank());
    }

    private static Optional<MemorySegment> find(MemorySegment library, String symbol) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = (MemorySegment) DLSYM.invokeExact(library, arena.allocateFrom(symbol));
            return found.address() == 0 ? Optional.empty() : Optional.of(found);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static String lastError(String name) throws Throwable {
        MemorySegment text = (MemorySegment) DLERROR.invokeExact();
        return text.address() == 0
                ? name + ": the loader gives no reason"
                : ForeignAccess.memory(text.address(), 4096).getString(0);
    }
}
