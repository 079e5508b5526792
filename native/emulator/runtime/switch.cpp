/* The context switch in x86-64 assembler, and the first frame of a new context. */
#include "switch.h"

#include <cstdint>
#include <cstring>

asm(R"(
    .text
    .globl pb_emulator_switch
    .hidden pb_emulator_switch
    .type pb_emulator_switch, @function
    .globl pb_emulator_resume
    .hidden pb_emulator_resume
    .type pb_emulator_resume, @function
pb_emulator_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    movq %rsp, (%rdi)
    movq %rsi, %rsp
pb_emulator_resume:
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size pb_emulator_switch, . - pb_emulator_switch
)");

namespace pb::emulated {

namespace {
struct first_frame {
    uint32_t mxcsr = 0x1f80;    /* round to nearest, denormals kept, no traps */
    uint32_t x87_control = 0x037f;
    uint64_t registers[6] = {}; /* r15 r14 r13 r12 rbx rbp */
    void (*entry)();
    uint64_t return_address = 0; /* none; entry starts with the stack pointer 8 below a multiple of 16 */
};
static_assert(sizeof(first_frame) == 72);
} // namespace

void *new_context(void *stack_top, void (*entry)()) {
    first_frame frame;
    frame.entry = entry;
    auto *place = static_cast<unsigned char *>(stack_top) - sizeof(frame);
    std::memcpy(place, &frame, sizeof(frame));
    return place;
}

} // namespace pb::emulated
