/* What the headers of kernels call, and the table of kernels. */
#include "block.h"
#include "registry.h"

namespace pb::emulated {

namespace {
constinit const Registration *first_kernel = nullptr;
}

Registration::Registration(const char *kernel_name, void (*kernel)(const void *), uint32_t size, uint32_t most_threads)
    : name(kernel_name), run(kernel), params_size(size), threads(most_threads), next(first_kernel) {
    first_kernel = this;
}

const Registration *kernels() { return first_kernel; }

void block_barrier(const std::source_location &where) { Block::running().barrier(where); }

void trap(const std::source_location &where) { Block::running().fail("trap", where); }

unsigned lane_of_this_thread() { return static_cast<const Thread *>(place)->lane(); }

void warp_barrier(unsigned mask, const std::source_location &where) {
    Block::running().collective(Wait::warp_barrier, mask, 0, 0, where);
}

uint64_t warp_shuffle(unsigned mask, uint64_t value, unsigned source, const std::source_location &where) {
    return Block::running().collective(Wait::shuffle, mask, value, source, where);
}

unsigned warp_ballot(unsigned mask, bool predicate, const std::source_location &where) {
    return static_cast<unsigned>(Block::running().collective(Wait::ballot, mask, predicate ? 1 : 0, 0, where));
}

void copy_async(uint32_t shared_byte, const void *from, const std::source_location &where) {
    Block::running().copy_async(shared_byte, from, where);
}

void commit_copies() { Block::running().commit_copies(); }

void wait_for_copies(unsigned groups_left) { Block::running().wait_for_copies(groups_left); }

void warp_ldmatrix(LdmatrixOperands &operands, const std::source_location &where) {
    Block::running().matrix_collective(Wait::ldmatrix, &operands, where);
}

void warp_mma(MmaOperands &operands, const std::source_location &where) {
    Block::running().matrix_collective(Wait::mma, &operands, where);
}

void *shared(uint32_t byte_offset, uint32_t bytes, uint32_t alignment, const std::source_location &where) {
    return Block::running().shared(byte_offset, bytes, alignment, where);
}

} // namespace pb::emulated
