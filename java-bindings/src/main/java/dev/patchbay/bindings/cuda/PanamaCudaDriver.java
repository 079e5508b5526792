package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** One device of a {@link PanamaCudaPlatform}, in its primary context. */
final class PanamaCudaDriver implements CudaDriver {
    private static final long EVERYTHING = -1L;
    private static final long NONE = 0;

    private final CudaFunctions functions;
    private final CudaStatus status;
    private final int device;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment out = arena.allocate(2 * Long.BYTES, Long.BYTES);
    private final MemorySegment arguments = arena.allocate(JAVA_LONG);
    private final long context;
    private final long pool;
    private boolean closed;

    /** Takes hold of the primary context and makes it current. */
    PanamaCudaDriver(CudaFunctions functions, CudaStatus status, int device) {
        this.functions = functions;
        this.status = status;
        this.device = device;
        status.check(functions.cuDevicePrimaryCtxRetain(out.address(), device), "cuDevicePrimaryCtxRetain");
        context = result();
        makeCurrent();
        status.check(functions.cuDeviceGetDefaultMemPool(out.address(), device), "cuDeviceGetDefaultMemPool");
        pool = result();
        keepFreedMemory();
    }

    /** By default a pool gives its memory back to the system at every synchronisation. */
    private void keepFreedMemory() {
        out.set(JAVA_LONG, 0, EVERYTHING);
        status.check(
                functions.cuMemPoolSetAttribute(
                        pool, CudaConstant.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD.value(), out.address()),
                "cuMemPoolSetAttribute");
    }

    private long result() {
        return out.get(JAVA_LONG, 0);
    }

    @Override
    public void makeCurrent() {
        status.requireAlive();
        status.check(functions.cuCtxSetCurrent(context), "cuCtxSetCurrent");
    }

    @Override
    public long loadImage(MemorySegment image) {
        status.check(
                functions.cuLibraryLoadData(out.address(), image.address(), 0, 0, 0, 0, 0, 0), "cuLibraryLoadData");
        return result();
    }

    @Override
    public long kernel(long image, String name) {
        try (Arena temporary = Arena.ofConfined()) {
            long text = temporary.allocateFrom(name).address();
            status.check(functions.cuLibraryGetKernel(out.address(), image, text), "cuLibraryGetKernel(" + name + ")");
            return result();
        }
    }

    @Override
    public void allowSharedMemory(long kernel, int bytes) {
        int attribute = CudaConstant.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES.value();
        status.check(functions.cuKernelSetAttribute(attribute, bytes, kernel, device), "cuKernelSetAttribute");
    }

    @Override
    public void unload(long image) {
        status.check(functions.cuLibraryUnload(image), "cuLibraryUnload");
    }

    @Override
    public long allocate(long bytes, long stream) {
        status.check(functions.cuMemAllocAsync(out.address(), bytes, stream), "cuMemAllocAsync");
        return result();
    }

    @Override
    public void free(long address, long stream) {
        status.check(functions.cuMemFreeAsync(address, stream), "cuMemFreeAsync");
    }

    @Override
    public long freeBytes() {
        long total = out.address() + Long.BYTES;
        status.check(functions.cuMemGetInfo_v2(out.address(), total), "cuMemGetInfo");
        long free = result();
        return free
                + poolAttribute(CudaConstant.CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT)
                - poolAttribute(CudaConstant.CU_MEMPOOL_ATTR_USED_MEM_CURRENT);
    }

    private long poolAttribute(CudaConstant attribute) {
        status.check(functions.cuMemPoolGetAttribute(pool, attribute.value(), out.address()), "cuMemPoolGetAttribute");
        return result();
    }

    @Override
    public long allocatePinned(long bytes) {
        status.check(functions.cuMemHostAlloc(out.address(), bytes, 0), "cuMemHostAlloc");
        return result();
    }

    @Override
    public void freePinned(long address) {
        status.check(functions.cuMemFreeHost(address), "cuMemFreeHost");
    }

    @Override
    public long createStream() {
        int flags = CudaConstant.CU_STREAM_NON_BLOCKING.value();
        status.check(functions.cuStreamCreate(out.address(), flags), "cuStreamCreate");
        return result();
    }

    @Override
    public void synchronize(long stream) {
        status.check(functions.cuStreamSynchronize(stream), "cuStreamSynchronize");
    }

    @Override
    public void destroyStream(long stream) {
        status.check(functions.cuStreamDestroy_v2(stream), "cuStreamDestroy");
    }

    @Override
    public long createEvent() {
        return createEvent(CudaConstant.CU_EVENT_DISABLE_TIMING.value());
    }

    @Override
    public long createTimedEvent() {
        return createEvent(CudaConstant.CU_EVENT_DEFAULT.value());
    }

    @Override
    public float milliseconds(long begin, long end) {
        status.check(functions.cuEventElapsedTime_v2(out.address(), begin, end), "cuEventElapsedTime");
        return out.get(JAVA_FLOAT, 0);
    }

    private long createEvent(int flags) {
        status.check(functions.cuEventCreate(out.address(), flags), "cuEventCreate");
        return result();
    }

    @Override
    public void record(long event, long stream) {
        status.check(functions.cuEventRecord(event, stream), "cuEventRecord");
    }

    @Override
    public void await(long event) {
        status.check(functions.cuEventSynchronize(event), "cuEventSynchronize");
    }

    @Override
    public void destroyEvent(long event) {
        status.check(functions.cuEventDestroy_v2(event), "cuEventDestroy");
    }

    @Override
    public void copyToDevice(long target, long source, long bytes, long stream) {
        status.check(functions.cuMemcpyHtoDAsync_v2(target, source, bytes, stream), "cuMemcpyHtoDAsync");
    }

    @Override
    public void copyToHost(long target, long source, long bytes, long stream) {
        status.check(functions.cuMemcpyDtoHAsync_v2(target, source, bytes, stream), "cuMemcpyDtoHAsync");
    }

    @Override
    public void clear(long target, long count, long stream) {
        status.check(functions.cuMemsetD32Async(target, 0, count, stream), "cuMemsetD32Async");
    }

    @Override
    public void launch(long kernel, CudaLaunch launch, int threads, long stream, long parameters) {
        arguments.set(JAVA_LONG, 0, parameters);
        status.check(
                functions.cuLaunchKernel(
                        kernel,
                        (int) launch.gridX(),
                        (int) launch.gridY(),
                        1,
                        threads,
                        1,
                        1,
                        (int) launch.sharedBytes(),
                        stream,
                        arguments.address(),
                        0),
                "cuLaunchKernel");
    }

    @Override
    public boolean isLost() {
        return status.isLost();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            // A lost device refuses these too; there is nobody left to tell.
            int _ = functions.cuCtxSetCurrent(NONE);
            int _ = functions.cuDevicePrimaryCtxRelease_v2(device);
            arena.close();
        }
    }
}
