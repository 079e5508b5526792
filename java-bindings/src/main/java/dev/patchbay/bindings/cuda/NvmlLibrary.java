package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.ForeignAccess;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Calls of NVML by name, with signatures of NVIDIA's NVML API reference. It is asked once by people who wait for a page:
 * functions are looked up when they are called, since older drivers lack the newer ones.
 */
final class NvmlLibrary implements AutoCloseable {
    /** {@code NVML_ERROR_INSUFFICIENT_SIZE}. */
    static final int INSUFFICIENT_SIZE = 7;

    private final SymbolLookup library;
    private final Arena arena = Arena.ofConfined();

    /** A call that the library refused or does not have; the message is its reason. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        private final int status;

        Refused(int status, String reason) {
            super(reason);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    /** Starts the library. */
    NvmlLibrary(SymbolLookup library) throws Refused {
        this.library = library;
        call("nvmlInit_v2");
    }

    /** Memory for a call to fill, zero until then; it lives as long as this. */
    MemorySegment memory(long bytes) {
        return arena.allocate(bytes, Long.BYTES);
    }

    /** Calls a function with {@code int}s and {@code long}s, which stand for pointers and handles too. */
    void call(String name, Object... arguments) throws Refused {
        int status = (int) invoke(name, JAVA_INT, arguments);
        if (status != 0) {
            throw new Refused(status, name + ": " + reason(status));
        }
    }

    private Object invoke(String name, ValueLayout result, Object... arguments) throws Refused {
        MemorySegment function =
                library.find(name).orElseThrow(() -> new Refused(-1, "the driver's NVML does not have " + name));
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            layouts[i] = arguments[i] instanceof Integer ? JAVA_INT : JAVA_LONG;
        }
        MethodHandle handle =
                ForeignAccess.functions(FunctionDescriptor.of(result, layouts)).bindTo(function);
        try {
            return handle.invokeWithArguments(arguments);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private String reason(int status) throws Refused {
        long text = (long) invoke("nvmlErrorString", JAVA_LONG, status);
        return text == 0 ? "status " + status : ForeignAccess.memory(text, 4096).getString(0);
    }

    @Override
    public void close() throws Refused {
        try {
            call("nvmlShutdown");
        } finally {
            arena.close();
        }
    }
}
