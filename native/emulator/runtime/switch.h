/*
 * The context switch. A suspended context is its stack pointer; below it lie, in the order in which the switch pushes
 * them, the callee-saved registers of the System V x86-64 ABI and the control words of SSE and x87.
 */
#ifndef PATCHBAY_EMULATOR_SWITCH_H
#define PATCHBAY_EMULATOR_SWITCH_H

extern "C" {
/* Suspends the caller into *save and continues `load`. Returns when somebody continues *save. */
void pb_emulator_switch(void **save, void *load);
/* Where a suspended context continues, with its stack pointer loaded; for the signal handler. */
void pb_emulator_resume();
}

namespace pb::emulated {

/* A context that calls `entry` on the stack that ends at stack_top. entry must not return. */
void *new_context(void *stack_top, void (*entry)());

} // namespace pb::emulated

#endif
