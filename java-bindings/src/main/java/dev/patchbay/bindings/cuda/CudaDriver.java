package dev.patchbay.bindings.cuda;

import java.lang.foreign.MemorySegment;

/**
 * The functions of one device that ours needs. Handles and device addresses are plain {@code long}s; the owner of what
 * is created gives it back. Everything but {@link #makeCurrent} wants the device's context current on the calling thread,
 * and one thread at a time.
 *
 * <p>A call that fails throws a {@link CudaException}, or a {@link dev.patchbay.device.DeviceLostException} where the
 * device cannot recover; failures of earlier work on the device may come to light in any call.
 */
interface CudaDriver extends AutoCloseable {
    /** Makes the device's context current on the calling thread. */
    void makeCurrent();

    /** Loads a kernel image, which is copied. */
    long loadImage(MemorySegment image);

    /** The kernel of a name in a loaded image. */
    long kernel(long image, String name);

    /** Lets a kernel have up to {@code bytes} of dynamic shared memory. */
    void allowSharedMemory(long kernel, int bytes);

    /** Unloads an image. */
    void unload(long image);

    /** Memory for use in a stream, from now on. */
    long allocate(long bytes, long stream);

    /** Gives memory back once the stream has come so far. */
    void free(long address, long stream);

    /** Bytes that could still be allocated, kept reserves included. */
    long freeBytes();

    /** Host memory that copies reach without another copy. */
    long allocatePinned(long bytes);

    /** Gives it back. */
    void freePinned(long address);

    /** A stream that waits for no other. */
    long createStream();

    /** Waits until a stream has nothing left to do. */
    void synchronize(long stream);

    /** Gives a stream back. */
    void destroyStream(long stream);

    /** An event, without a time. */
    long createEvent();

    /** An event that carries the time at which the stream came to it. */
    long createTimedEvent();

    /** Milliseconds between two timed events that have been raised, to about half a microsecond. */
    float milliseconds(long begin, long end);

    /** Has the stream raise an event when it comes so far. */
    void record(long event, long stream);

    /** Waits until an event is raised. */
    void await(long event);

    /** Gives an event back. */
    void destroyEvent(long event);

    /** Enqueues a copy of pinned host memory to the device. */
    void copyToDevice(long target, long source, long bytes, long stream);

    /** Enqueues a copy of device memory to pinned host memory. */
    void copyToHost(long target, long source, long bytes, long stream);

    /** Enqueues setting {@code count} 4-byte words to zero. */
    void clear(long target, long count, long stream);

    /** Enqueues a kernel whose one parameter is the struct at {@code parameters}, which is copied. */
    void launch(long kernel, CudaLaunch launch, int threads, long stream, long parameters);

    /** Whether a failure has lost the device: nothing on it can be used, or needs to be given back. */
    boolean isLost();

    /** Lets go of the device's context; never throws. */
    @Override
    void close();
}
