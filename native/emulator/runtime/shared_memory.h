/*
 * The dynamic shared memory of one worker's blocks. It ends at a guard page, so that an overrun faults at once; the bytes
 * up to the page (the size is rounded up to the alignment) and the rest of the first page are canaries.
 */
#ifndef PATCHBAY_EMULATOR_SHARED_MEMORY_H
#define PATCHBAY_EMULATOR_SHARED_MEMORY_H

#include <cstddef>
#include <cstdint>

namespace pb::emulated {

class SharedMemory {
  public:
    static constexpr size_t kMost = 227 * 1024; /* compute capability 9.0 */
    static constexpr size_t kAlignment = 128;
    static constexpr unsigned char kPoison = 0xff; /* floats of it are NaN */

    SharedMemory();
    ~SharedMemory();
    SharedMemory(const SharedMemory &) = delete;
    SharedMemory &operator=(const SharedMemory &) = delete;

    bool exists() const { return memory_ != nullptr; }
    /* Makes `bytes` poisoned bytes, at most kMost. */
    void prepare(size_t bytes);
    unsigned char *begin() const { return begin_; }
    size_t bytes() const { return bytes_; }
    /* Whether somebody wrote beside the memory. */
    bool damaged() const;
    /* Whether the address lies in the memory's mapping, guard pages included. */
    bool owns(const void *address) const;

  private:
    unsigned char *memory_ = nullptr;
    unsigned char *begin_ = nullptr;
    size_t bytes_ = 0;
};

} // namespace pb::emulated

#endif
