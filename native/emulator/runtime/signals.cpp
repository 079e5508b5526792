/* The signal handler, and the chain to the one before it. */
#include "signals.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <array>
#include <csignal>
#include <mutex>

#include "block.h"
#include "switch.h"

namespace pb::emulated {

namespace {
constexpr std::array<int, 4> kSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
constexpr greg_t kDirectionFlag = 0x400;
constexpr greg_t kGeneralProtection = 13;
std::array<struct sigaction, 65> before;

void pass_on(int number, siginfo_t *info, void *context) {
    const struct sigaction &previous = before[static_cast<size_t>(number)];
    if ((previous.sa_flags & SA_SIGINFO) != 0) {
        previous.sa_sigaction(number, info, context);
    } else if (previous.sa_handler == SIG_DFL) {
        sigaction(number, &previous, nullptr); /* the instruction faults again and ends the process */
    } else if (previous.sa_handler != SIG_IGN) {
        previous.sa_handler(number);
    }
}

void handle(int number, siginfo_t *info, void *context) {
    if (place == nullptr || info->si_code <= 0) {
        pass_on(number, info, context);
        return;
    }
    greg_t *registers = static_cast<ucontext_t *>(context)->uc_mcontext.gregs;
    Block &block = Block::running();
    block.note({number, info->si_addr, number == SIGSEGV && registers[REG_TRAPNO] == kGeneralProtection, place});
    place = nullptr;
    registers[REG_RSP] = reinterpret_cast<greg_t>(block.caller_context());
    registers[REG_RIP] = reinterpret_cast<greg_t>(&pb_emulator_resume);
    registers[REG_EFL] &= ~kDirectionFlag;
}

void install() {
    for (const int number : kSignals) {
        struct sigaction action;
        sigaction(number, nullptr, &before[static_cast<size_t>(number)]);
        action.sa_mask = before[static_cast<size_t>(number)].sa_mask;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
        action.sa_sigaction = handle;
        sigaction(number, &action, nullptr);
    }
}

/* A thread's stack for the handler, for as long as the thread lives. */
struct HandlerStack {
    static constexpr size_t kBytes = 64 * 1024;
    void *memory;

    HandlerStack() : memory(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
        if (memory != MAP_FAILED) {
            stack_t stack{};
            stack.ss_sp = memory;
            stack.ss_size = kBytes;
            sigaltstack(&stack, nullptr);
        }
    }
    ~HandlerStack() {
        if (memory != MAP_FAILED) {
            stack_t none{};
            none.ss_flags = SS_DISABLE;
            sigaltstack(&none, nullptr);
            munmap(memory, kBytes);
        }
    }
    HandlerStack(const HandlerStack &) = delete;
    HandlerStack &operator=(const HandlerStack &) = delete;
};
} // namespace

void catch_signals_of_this_thread() {
    static std::once_flag installed;
    std::call_once(installed, install);
    static thread_local const HandlerStack stack;
    (void)stack;
}

void block_process_signals() {
    sigset_t all;
    sigfillset(&all);
    for (const int number : kSignals) {
        sigdelset(&all, number);
    }
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

} // namespace pb::emulated
