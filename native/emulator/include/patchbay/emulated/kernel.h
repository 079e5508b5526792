/* The table of kernels by name, and the shared memory of the running block. */
#ifndef PATCHBAY_EMULATED_KERNEL_H
#define PATCHBAY_EMULATED_KERNEL_H

#include <cstdint>
#include <source_location>

namespace pb::emulated {

/*
 * The address of [byte_offset, byte_offset + bytes) of the block's dynamic shared memory. A range that the launch did not
 * ask for, or a wrong alignment, is a reported fault. The memory is poisoned (NaN) when the block starts, and ends at a
 * guard page.
 */
void *shared(uint32_t byte_offset, uint32_t bytes, uint32_t alignment,
             const std::source_location &where = std::source_location::current());

/* Adds a kernel to the table. `run` is called by every fiber of a launch; params points to the launch's copy. */
struct Registration {
    Registration(const char *name, void (*run)(const void *params), uint32_t params_size, uint32_t threads);
    Registration(const Registration &) = delete;
    Registration &operator=(const Registration &) = delete;

    const char *const name;
    void (*const run)(const void *params);
    const uint32_t params_size;
    const uint32_t threads;
    const Registration *const next;
};

} // namespace pb::emulated

#endif
