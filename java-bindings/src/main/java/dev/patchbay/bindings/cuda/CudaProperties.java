package dev.patchbay.bindings.cuda;

/**
 * What a driver says of one of its devices.
 *
 * @param name as its maker calls it
 * @param major of its compute capability
 * @param minor of its compute capability
 * @param memory bytes in all
 * @param multiprocessors number of them
 * @param sharedMemory most bytes of a block
 * @param memoryPools whether it allocates in the order of a stream
 */
record CudaProperties(
        String name, int major, int minor, long memory, int multiprocessors, int sharedMemory, boolean memoryPools) {

    /** One line for people. */
    String describe() {
        return "%s, compute capability %s.%s, %.1f GiB, %s multiprocessors"
                .formatted(name, major, minor, memory / (double) (1 << 30), multiprocessors);
    }
}
