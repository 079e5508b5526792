package dev.patchbay.bindings;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** The restricted calls of the foreign-function API, all of them: linking a function and giving an address a size. */
@SuppressWarnings("restricted")
public final class ForeignAccess {
    private ForeignAccess() {}

    /** A handle on the function {@code name} of {@code library}. */
    public static MethodHandle function(SymbolLookup library, String name, FunctionDescriptor descriptor) {
        MemorySegment symbol = library.find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError("the native library does not hold the function " + name));
        return Linker.nativeLinker().downcallHandle(symbol, descriptor);
    }

    /** A handle on all functions of a shape; its first argument is the function. */
    public static MethodHandle functions(FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(descriptor);
    }

    /** The {@code bytes} bytes of native memory at {@code address}; the caller answers for both and for the lifetime. */
    public static MemorySegment memory(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    /** What the call of a method handle threw, as something unchecked. */
    public static AssertionError unexpected(Throwable thrown) {
        switch (thrown) {
            case Error error -> throw error;
            case RuntimeException exception -> throw exception;
            default -> throw new AssertionError(thrown);
        }
    }
}
