package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.ForeignAccess;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of {@code cuda.h} in one loaded driver: one method of the symbol's name each (the header's plain names
 * are macros; a look-up of {@code cuMemcpyHtoDAsync} would bind the interface of 2008). Pointers and handles are plain
 * {@code long}s, every result is a {@code CUresult}, nothing is checked here.
 *
 * <p>A process may hold two drivers, the real one and the emulated: addresses are fields, and one constant method handle
 * serves all functions of a shape.
 */
public final class CudaFunctions {
    private static final MemoryLayout INT = JAVA_INT;
    private static final MemoryLayout LONG = JAVA_LONG;
    private static final MethodHandle I = shape(INT);
    private static final MethodHandle L = shape(LONG);
    private static final MethodHandle IL = shape(INT, LONG);
    private static final MethodHandle LI = shape(LONG, INT);
    private static final MethodHandle LL = shape(LONG, LONG);
    private static final MethodHandle LII = shape(LONG, INT, INT);
    private static final MethodHandle LIL = shape(LONG, INT, LONG);
    private static final MethodHandle LLI = shape(LONG, LONG, INT);
    private static final MethodHandle LLL = shape(LONG, LONG, LONG);
    private static final MethodHandle IILI = shape(INT, INT, LONG, INT);
    private static final MethodHandle LILL = shape(LONG, INT, LONG, LONG);
    private static final MethodHandle LLLL = shape(LONG, LONG, LONG, LONG);
    private static final MethodHandle LLLLILLI = shape(LONG, LONG, LONG, LONG, INT, LONG, LONG, INT);
    private static final MethodHandle LAUNCH = shape(LONG, INT, INT, INT, INT, INT, INT, INT, LONG, LONG, LONG);

    private final MemorySegment cuInit;
    private final MemorySegment cuDriverGetVersion;
    private final MemorySegment cuGetErrorName;
    private final MemorySegment cuGetErrorString;
    private final MemorySegment cuDeviceGetCount;
    private final MemorySegment cuDeviceGet;
    private final MemorySegment cuDeviceGetName;
    private final MemorySegment cuDeviceGetAttribute;
    private final MemorySegment cuDeviceTotalMem_v2;
    private final MemorySegment cuDevicePrimaryCtxRetain;
    private final MemorySegment cuDevicePrimaryCtxRelease_v2;
    private final MemorySegment cuCtxSetCurrent;
    private final MemorySegment cuDeviceGetDefaultMemPool;
    private final MemorySegment cuMemPoolSetAttribute;
    private final MemorySegment cuMemPoolGetAttribute;
    private final MemorySegment cuMemGetInfo_v2;
    private final MemorySegment cuMemAllocAsync;
    private final MemorySegment cuMemFreeAsync;
    private final MemorySegment cuMemHostAlloc;
    private final MemorySegment cuMemFreeHost;
    private final MemorySegment cuMemcpyHtoDAsync_v2;
    private final MemorySegment cuMemcpyDtoHAsync_v2;
    private final MemorySegment cuMemsetD32Async;
    private final MemorySegment cuStreamCreate;
    private final MemorySegment cuStreamSynchronize;
    private final MemorySegment cuStreamDestroy_v2;
    private final MemorySegment cuEventCreate;
    private final MemorySegment cuEventRecord;
    private final MemorySegment cuEventSynchronize;
    private final MemorySegment cuEventDestroy_v2;
    private final MemorySegment cuEventElapsedTime_v2;
    private final MemorySegment cuLibraryLoadData;
    private final MemorySegment cuLibraryGetKernel;
    private final MemorySegment cuLibraryUnload;
    private final MemorySegment cuKernelSetAttribute;
    private final MemorySegment cuLaunchKernel;

    /**
     * Looks every function up.
     *
     * @throws UnsatisfiedLinkError naming the first that is missing
     */
    public CudaFunctions(SymbolLookup driver) {
        cuInit = find(driver, "cuInit");
        cuDriverGetVersion = find(driver, "cuDriverGetVersion");
        cuGetErrorName = find(driver, "cuGetErrorName");
        cuGetErrorString = find(driver, "cuGetErrorString");
        cuDeviceGetCount = find(driver, "cuDeviceGetCount");
        cuDeviceGet = find(driver, "cuDeviceGet");
        cuDeviceGetName = find(driver, "cuDeviceGetName");
        cuDeviceGetAttribute = find(driver, "cuDeviceGetAttribute");
        cuDeviceTotalMem_v2 = find(driver, "cuDeviceTotalMem_v2");
        cuDevicePrimaryCtxRetain = find(driver, "cuDevicePrimaryCtxRetain");
        cuDevicePrimaryCtxRelease_v2 = find(driver, "cuDevicePrimaryCtxRelease_v2");
        cuCtxSetCurrent = find(driver, "cuCtxSetCurrent");
        cuDeviceGetDefaultMemPool = find(driver, "cuDeviceGetDefaultMemPool");
        cuMemPoolSetAttribute = find(driver, "cuMemPoolSetAttribute");
        cuMemPoolGetAttribute = find(driver, "cuMemPoolGetAttribute");
        cuMemGetInfo_v2 = find(driver, "cuMemGetInfo_v2");
        cuMemAllocAsync = find(driver, "cuMemAllocAsync");
        cuMemFreeAsync = find(driver, "cuMemFreeAsync");
        cuMemHostAlloc = find(driver, "cuMemHostAlloc");
        cuMemFreeHost = find(driver, "cuMemFreeHost");
        cuMemcpyHtoDAsync_v2 = find(driver, "cuMemcpyHtoDAsync_v2");
        cuMemcpyDtoHAsync_v2 = find(driver, "cuMemcpyDtoHAsync_v2");
        cuMemsetD32Async = find(driver, "cuMemsetD32Async");
        cuStreamCreate = find(driver, "cuStreamCreate");
        cuStreamSynchronize = find(driver, "cuStreamSynchronize");
        cuStreamDestroy_v2 = find(driver, "cuStreamDestroy_v2");
        cuEventCreate = find(driver, "cuEventCreate");
        cuEventRecord = find(driver, "cuEventRecord");
        cuEventSynchronize = find(driver, "cuEventSynchronize");
        cuEventDestroy_v2 = find(driver, "cuEventDestroy_v2");
        // Came with CUDA 12.8; the first version differs in the codes of misuse alone.
        cuEventElapsedTime_v2 =
                driver.find("cuEventElapsedTime_v2").orElseGet(() -> find(driver, "cuEventElapsedTime"));
        cuLibraryLoadData = find(driver, "cuLibraryLoadData");
        cuLibraryGetKernel = find(driver, "cuLibraryGetKernel");
        cuLibraryUnload = find(driver, "cuLibraryUnload");
        cuKernelSetAttribute = find(driver, "cuKernelSetAttribute");
        cuLaunchKernel = find(driver, "cuLaunchKernel");
    }

    private static MethodHandle shape(MemoryLayout... parameters) {
        return ForeignAccess.functions(FunctionDescriptor.of(INT, parameters));
    }

    /** The address of a function. */
    static MemorySegment find(SymbolLookup driver, String name) {
        return driver.find(name).orElseThrow(() -> new UnsatisfiedLinkError("it lacks the function " + name));
    }

    int cuInit(int flags) {
        return call(cuInit, flags);
    }

    int cuDriverGetVersion(long out) {
        return call(cuDriverGetVersion, out);
    }

    int cuGetErrorName(int status, long text) {
        return call(cuGetErrorName, status, text);
    }

    int cuGetErrorString(int status, long text) {
        return call(cuGetErrorString, status, text);
    }

    int cuDeviceGetCount(long out) {
        return call(cuDeviceGetCount, out);
    }

    int cuDeviceGet(long out, int ordinal) {
        return call(cuDeviceGet, out, ordinal);
    }

    int cuDeviceGetName(long text, int length, int device) {
        return call(cuDeviceGetName, text, length, device);
    }

    int cuDeviceGetAttribute(long out, int attribute, int device) {
        return call(cuDeviceGetAttribute, out, attribute, device);
    }

    int cuDeviceTotalMem_v2(long out, int device) {
        return call(cuDeviceTotalMem_v2, out, device);
    }

    int cuDevicePrimaryCtxRetain(long out, int device) {
        return call(cuDevicePrimaryCtxRetain, out, device);
    }

    int cuDevicePrimaryCtxRelease_v2(int device) {
        return call(cuDevicePrimaryCtxRelease_v2, device);
    }

    int cuCtxSetCurrent(long context) {
        return call(cuCtxSetCurrent, context);
    }

    int cuDeviceGetDefaultMemPool(long out, int device) {
        return call(cuDeviceGetDefaultMemPool, out, device);
    }

    int cuMemPoolSetAttribute(long pool, int attribute, long value) {
        return call(cuMemPoolSetAttribute, pool, attribute, value);
    }

    int cuMemPoolGetAttribute(long pool, int attribute, long value) {
        return call(cuMemPoolGetAttribute, pool, attribute, value);
    }

    int cuMemGetInfo_v2(long free, long total) {
        return call(cuMemGetInfo_v2, free, total);
    }

    int cuMemAllocAsync(long out, long bytes, long stream) {
        return call(cuMemAllocAsync, out, bytes, stream);
    }

    int cuMemFreeAsync(long address, long stream) {
        return call(cuMemFreeAsync, address, stream);
    }

    int cuMemHostAlloc(long out, long bytes, int flags) {
        return call(cuMemHostAlloc, out, bytes, flags);
    }

    int cuMemFreeHost(long address) {
        return call(cuMemFreeHost, address);
    }

    int cuMemcpyHtoDAsync_v2(long target, long source, long bytes, long stream) {
        return call(cuMemcpyHtoDAsync_v2, target, source, bytes, stream);
    }

    int cuMemcpyDtoHAsync_v2(long target, long source, long bytes, long stream) {
        return call(cuMemcpyDtoHAsync_v2, target, source, bytes, stream);
    }

    int cuMemsetD32Async(long target, int value, long count, long stream) {
        return call(cuMemsetD32Async, target, value, count, stream);
    }

    int cuStreamCreate(long out, int flags) {
        return call(cuStreamCreate, out, flags);
    }

    int cuStreamSynchronize(long stream) {
        return call(cuStreamSynchronize, stream);
    }

    int cuStreamDestroy_v2(long stream) {
        return call(cuStreamDestroy_v2, stream);
    }

    int cuEventCreate(long out, int flags) {
        return call(cuEventCreate, out, flags);
    }

    int cuEventRecord(long event, long stream) {
        return call(cuEventRecord, event, stream);
    }

    int cuEventSynchronize(long event) {
        return call(cuEventSynchronize, event);
    }

    int cuEventDestroy_v2(long event) {
        return call(cuEventDestroy_v2, event);
    }

    int cuEventElapsedTime_v2(long out, long begin, long end) {
        return call(cuEventElapsedTime_v2, out, begin, end);
    }

    int cuLibraryLoadData(
            long out, long code, long jitOptions, long jitValues, int jitCount, long options, long values, int count) {
        return call(cuLibraryLoadData, out, code, jitOptions, jitValues, jitCount, options, values, count);
    }

    int cuLibraryGetKernel(long out, long library, long name) {
        return call(cuLibraryGetKernel, out, library, name);
    }

    int cuLibraryUnload(long library) {
        return call(cuLibraryUnload, library);
    }

    int cuKernelSetAttribute(int attribute, int value, long kernel, int device) {
        return call(cuKernelSetAttribute, attribute, value, kernel, device);
    }

    public int cuLaunchKernel(
            long kernel,
            int gridX,
            int gridY,
            int gridZ,
            int blockX,
            int blockY,
            int blockZ,
            int sharedBytes,
            long stream,
            long parameters,
            long extra) {
        try {
            return (int) LAUNCH.invokeExact(
                    cuLaunchKernel,
                    kernel,
                    gridX,
                    gridY,
                    gridZ,
                    blockX,
                    blockY,
                    blockZ,
                    sharedBytes,
                    stream,
                    parameters,
                    extra);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, int a) {
        try {
            return (int) I.invokeExact(function, a);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, long a) {
        try {
            return (int) L.invokeExact(function, a);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, int a, long b) {
        try {
            return (int) IL.invokeExact(function, a, b);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, long a, int b) {
        try {
            return (int) LI.invokeExact(function, a, b);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, long a, long b) {
        try {
            return (int) LL.invokeExact(function, a, b);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, long a, int b, int c) {
        try {
            return (int) LII.invokeExact(function, a, b, c);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, long a, int b, long c) {
        try {
            return (int) LIL.invokeExact(function, a, b, c);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, long a, long b, int c) {
        try {
            return (int) LLI.invokeExact(function, a, b, c);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, long a, long b, long c) {
        try {
            return (int) LLL.invokeExact(function, a, b, c);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, int a, int b, long c, int d) {
        try {
            return (int) IILI.invokeExact(function, a, b, c, d);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, long a, int b, long c, long d) {
        try {
            return (int) LILL.invokeExact(function, a, b, c, d);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, long a, long b, long c, long d) {
        try {
            return (int) LLLL.invokeExact(function, a, b, c, d);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    private static int call(MemorySegment function, long a, long b, long c, long d, int e, long f, long g, int h) {
        try {
            return (int) LLLLILLI.invokeExact(function, a, b, c, d, e, f, g, h);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }
}
