/*
 * Faults of kernels as signals. A signal that comes while a fiber runs on this thread ends its block: the handler lets
 * the thread go on in the caller of Block::run. All other signals go to the handler that was there before (the JVM's).
 */
#ifndef PATCHBAY_EMULATOR_SIGNALS_H
#define PATCHBAY_EMULATOR_SIGNALS_H

namespace pb::emulated {

/* Installs the handler (once) and gives this thread a stack for it, for a fiber's may be used up. */
void catch_signals_of_this_thread();

/* A thread of the emulator takes no signals of the process. */
void block_process_signals();

} // namespace pb::emulated

#endif
