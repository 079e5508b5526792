package dev.patchbay.bindings.cuda;

/** A CUDA driver that has been found and started. */
interface CudaPlatform {
    /** Where it was found. */
    String origin();

    /** The CUDA version it implements, 1000 · major + 10 · minor. */
    int version();

    /** Number of devices. */
    int deviceCount();

    /** What a device is. */
    CudaProperties properties(int ordinal);

    /** A device's functions; errors call it {@code name}. The caller closes it. */
    CudaDriver open(int ordinal, String name);
}
