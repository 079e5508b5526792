package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.cuda.JCudaPointers.DevicePointer;
import dev.patchbay.bindings.cuda.JCudaPointers.HostPointer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * One device of a {@link JCudaPlatform}, in its primary context. Images are modules and kernels functions of them: JCuda
 * 12.6 has no libraries. Nor can it set attributes of memory pools, so the device's pool gives what is free back to the
 * system at every synchronisation.
 */
final class JCudaDeviceDriver implements CudaDriver {
    private final CudaStatus status;
    private final CUdevice device;
    private final CUcontext context = new CUcontext();
    private final JCudaHandles handles = new JCudaHandles();
    private final Arena arena = Arena.ofShared();
    /** The list of pointers to parameters that a launch takes, of one entry. */
    private final MemorySegment arguments = arena.allocate(JAVA_LONG);

    private final Pointer argumentList = new HostPointer(arguments.address());
    private boolean closed;

    /** Takes hold of the primary context and makes it current. */
    JCudaDeviceDriver(CudaStatus status, CUdevice device) {
        this.status = status;
        this.device = device;
        status.check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
        makeCurrent();
    }

    @Override
    public void makeCurrent() {
        status.requireAlive();
        status.check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
    }

    @Override
    public long loadImage(MemorySegment image) {
        CUmodule module = new CUmodule();
        status.check(JCudaDriver.cuModuleLoadData(module, image.toArray(JAVA_BYTE)), "cuModuleLoadData");
        return handles.add(module);
    }

    @Override
    public long kernel(long image, String name) {
        CUfunction function = new CUfunction();
        CUmodule module = handles.get(image, CUmodule.class);
        status.check(JCudaDriver.cuModuleGetFunction(function, module, name), "cuModuleGetFunction(" + name + ")");
        return handles.add(function);
    }

    @Override
    public void allowSharedMemory(long kernel, int bytes) {
        int attribute = CudaConstant.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES.value();
        CUfunction function = handles.get(kernel, CUfunction.class);
        status.check(JCudaDriver.cuFuncSetAttribute(function, attribute, bytes), "cuFuncSetAttribute");
    }

    @Override
    public void unload(long image) {
        status.check(JCudaDriver.cuModuleUnload(handles.remove(image, CUmodule.class)), "cuModuleUnload");
    }

    @Override
    public long allocate(long bytes, long stream) {
        DevicePointer memory = new DevicePointer();
        status.check(JCudaDriver.cuMemAllocAsync(memory, bytes, stream(stream)), "cuMemAllocAsync");
        return memory.address();
    }

    @Override
    public void free(long address, long stream) {
        status.check(JCudaDriver.cuMemFreeAsync(new DevicePointer(address), stream(stream)), "cuMemFreeAsync");
    }

    @Override
    public long freeBytes() {
        long[] free = new long[1];
        status.check(JCudaDriver.cuMemGetInfo(free, new long[1]), "cuMemGetInfo");
        return free[0];
    }

    @Override
    public long allocatePinned(long bytes) {
        HostPointer memory = new HostPointer();
        status.check(JCudaDriver.cuMemHostAlloc(memory, bytes, 0), "cuMemHostAlloc");
        return memory.address();
    }

    @Override
    public void freePinned(long address) {
        status.check(JCudaDriver.cuMemFreeHost(new HostPointer(address)), "cuMemFreeHost");
    }

    @Override
    public long createStream() {
        CUstream stream = new CUstream();
        status.check(JCudaDriver.cuStreamCreate(stream, CudaConstant.CU_STREAM_NON_BLOCKING.value()), "cuStreamCreate");
        return handles.add(stream);
    }

    /** JCuda's object for a stream. */
    CUstream stream(long handle) {
        return handles.get(handle, CUstream.class);
    }

    @Override
    public void synchronize(long stream) {
        status.check(JCudaDriver.cuStreamSynchronize(stream(stream)), "cuStreamSynchronize");
    }

    @Override
    public void destroyStream(long stream) {
        status.check(JCudaDriver.cuStreamDestroy(handles.remove(stream, CUstream.class)), "cuStreamDestroy");
    }

    @Override
    public long createEvent() {
        return createEvent(CudaConstant.CU_EVENT_DISABLE_TIMING);
    }

    @Override
    public long createTimedEvent() {
        return createEvent(CudaConstant.CU_EVENT_DEFAULT);
    }

    private long createEvent(CudaConstant flags) {
        CUevent event = new CUevent();
        status.check(JCudaDriver.cuEventCreate(event, flags.value()), "cuEventCreate");
        return handles.add(event);
    }

    @Override
    public float milliseconds(long begin, long end) {
        float[] out = new float[1];
        status.check(
                JCudaDriver.cuEventElapsedTime(out, handles.get(begin, CUevent.class), handles.get(end, CUevent.class)),
                "cuEventElapsedTime");
        return out[0];
    }

    @Override
    public void record(long event, long stream) {
        status.check(JCudaDriver.cuEventRecord(handles.get(event, CUevent.class), stream(stream)), "cuEventRecord");
    }

    @Override
    public void await(long event) {
        status.check(JCudaDriver.cuEventSynchronize(handles.get(event, CUevent.class)), "cuEventSynchronize");
    }

    @Override
    public void destroyEvent(long event) {
        status.check(JCudaDriver.cuEventDestroy(handles.remove(event, CUevent.class)), "cuEventDestroy");
    }

    @Override
    public void copyToDevice(long target, long source, long bytes, long stream) {
        status.check(
                JCudaDriver.cuMemcpyHtoDAsync(
                        new DevicePointer(target), new HostPointer(source), bytes, stream(stream)),
                "cuMemcpyHtoDAsync");
    }

    @Override
    public void copyToHost(long target, long source, long bytes, long stream) {
        status.check(
                JCudaDriver.cuMemcpyDtoHAsync(
                        new HostPointer(target), new DevicePointer(source), bytes, stream(stream)),
                "cuMemcpyDtoHAsync");
    }

    @Override
    public void clear(long target, long count, long stream) {
        status.check(
                JCudaDriver.cuMemsetD32Async(new DevicePointer(target), 0, count, stream(stream)), "cuMemsetD32Async");
    }

    @Override
    public void launch(long kernel, CudaLaunch launch, int threads, long stream, long parameters) {
        arguments.set(JAVA_LONG, 0, parameters);
        status.check(
                JCudaDriver.cuLaunchKernel(
                        handles.get(kernel, CUfunction.class),
                        (int) launch.gridX(),
                        (int) launch.gridY(),
                        1,
                        threads,
                        1,
                        1,
                        (int) launch.sharedBytes(),
                        stream(stream),
                        argumentList,
                        null),
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
            int _ = JCudaDriver.cuCtxSetCurrent(new CUcontext());
            int _ = JCudaDriver.cuDevicePrimaryCtxRelease(device);
            arena.close();
        }
    }
}
