package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.ForeignAccess;
import dev.patchbay.bindings.NativeLibraries.Outcome;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A driver library bound through the foreign-function API. */
final class PanamaCudaPlatform implements CudaPlatform {
    private static final int LONGEST_NAME = 256;

    private final CudaFunctions functions;
    private final String origin;
    private final CudaStatus status;

    /**
     * Binds and starts the driver.
     *
     * @throws UnsatisfiedLinkError where it lacks a function
     * @throws CudaException where it does not start
     */
    PanamaCudaPlatform(Outcome.Opened library) {
        functions = new CudaFunctions(library.symbols());
        origin = library.origin();
        status = status("the driver");
        status.check(functions.cuInit(0), "cuInit");
    }

    private CudaStatus status(String device) {
        return new CudaStatus(device, this::errorName, this::errorText);
    }

    @Override
    public String origin() {
        return origin;
    }

    @Override
    public int version() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_INT);
            status.check(functions.cuDriverGetVersion(out.address()), "cuDriverGetVersion");
            return out.get(JAVA_INT, 0);
        }
    }

    @Override
    public int deviceCount() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_INT);
            status.check(functions.cuDeviceGetCount(out.address()), "cuDeviceGetCount");
            return out.get(JAVA_INT, 0);
        }
    }

    @Override
    public CudaProperties properties(int ordinal) {
        int device = device(ordinal);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(LONGEST_NAME);
            status.check(functions.cuDeviceGetName(name.address(), LONGEST_NAME, device), "cuDeviceGetName");
            MemorySegment bytes = arena.allocate(JAVA_LONG);
            status.check(functions.cuDeviceTotalMem_v2(bytes.address(), device), "cuDeviceTotalMem");
            return new CudaProperties(
                    name.getString(0),
                    attribute(device, CudaConstant.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                    attribute(device, CudaConstant.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                    bytes.get(JAVA_LONG, 0),
                    attribute(device, CudaConstant.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                    attribute(device, CudaConstant.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
                    attribute(device, CudaConstant.CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED) != 0);
        }
    }

    @Override
    public CudaDriver open(int ordinal, String name) {
        return new PanamaCudaDriver(functions, status(name), device(ordinal));
    }

    private int device(int ordinal) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_INT);
            status.check(functions.cuDeviceGet(out.address(), ordinal), "cuDeviceGet(" + ordinal + ")");
            return out.get(JAVA_INT, 0);
        }
    }

    private int attribute(int device, CudaConstant attribute) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_INT);
            status.check(functions.cuDeviceGetAttribute(out.address(), attribute.value(), device), attribute.name());
            return out.get(JAVA_INT, 0);
        }
    }

    private String errorName(int code) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            return functions.cuGetErrorName(code, out.address()) == 0 ? text(out) : "unknown code " + code;
        }
    }

    private String errorText(int code) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            return functions.cuGetErrorString(code, out.address()) == 0 ? text(out) : "the driver does not know it";
        }
    }

    private static String text(MemorySegment pointer) {
        return ForeignAccess.memory(pointer.get(JAVA_LONG, 0), 4096).getString(0);
    }
}
