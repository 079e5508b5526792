package dev.patchbay.bindings.cuda;

/** Constants of {@code cuda.h} by the names they have there; a test compares them with the header where there is one. */
enum CudaConstant {
    CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT(16),
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR(75),
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR(76),
    CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN(97),
    CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED(115),
    CU_MEMPOOL_ATTR_RELEASE_THRESHOLD(4),
    CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT(5),
    CU_MEMPOOL_ATTR_USED_MEM_CURRENT(7),
    CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES(8),
    CU_STREAM_NON_BLOCKING(1),
    CU_EVENT_DEFAULT(0),
    CU_EVENT_DISABLE_TIMING(2);

    private final int value;

    CudaConstant(int value) {
        this.value = value;
    }

    int value() {
        return value;
    }
}
