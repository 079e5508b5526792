/* The words of a block's faults: who waits where, and what a signal means. */
#include <csignal>
#include <map>

#include "block.h"
#include "memory_map.h"

namespace pb::emulated {

namespace {
const char *name_of(Wait wait) {
    switch (wait) {
    case Wait::nothing: return "nothing";
    case Wait::block_barrier: return "__syncthreads";
    case Wait::warp_barrier: return "__syncwarp";
    case Wait::shuffle: return "a shuffle";
    case Wait::ballot: return "a vote";
    case Wait::ldmatrix: return "ldmatrix";
    case Wait::mma: return "mma";
    }
    return "";
}

/* "0-31, 64": the numbers, which are ascending. */
std::string ranges(const std::vector<uint32_t> &numbers) {
    std::string text;
    for (size_t i = 0; i < numbers.size();) {
        size_t end = i + 1;
        while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) {
            ++end;
        }
        text += (text.empty() ? "" : ", ") + std::to_string(numbers[i]);
        text += end - i > 1 ? "-" + std::to_string(numbers[end - 1]) : "";
        i = end;
    }
    return text;
}

std::string hexadecimal(uint64_t value) {
    char text[32];
    std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(value));
    return text;
}
} // namespace

std::string Block::title(const Thread &thread) const {
    return "thread " + std::to_string(thread.number);
}

std::string Block::waiting_threads() const {
    std::map<std::string, std::vector<uint32_t>> groups;
    for (const Thread &thread : threads_) {
        std::string state = "have ended";
        if (!thread.ended && thread.wait == Wait::nothing) {
            state = "could go on";
        } else if (!thread.ended) {
            state = std::string("wait in ") + name_of(thread.wait);
            state += thread.wait == Wait::block_barrier ? "" : " with mask " + hexadecimal(thread.mask);
            state += std::string(" at ") + thread.where.file_name() + ":" + std::to_string(thread.where.line());
        }
        groups[state].push_back(thread.number);
    }
    std::string text;
    for (const auto &[state, numbers] : groups) {
        text += (text.empty() ? " threads " : "; threads ") + ranges(numbers) + " " + state;
    }
    return text;
}

Fault Block::fault_of_signal() const {
    const std::string who = title(*static_cast<const Thread *>(signal_.place)) + ": ";
    const auto address = reinterpret_cast<uint64_t>(signal_.address);
    if (signal_.number == SIGFPE) {
        return {Fault::Kind::other, who + "integer division by zero"};
    }
    if (signal_.number == SIGILL) {
        return {Fault::Kind::other, who + "illegal instruction, or code that cannot be reached"};
    }
    if (stacks_.is_guard(signal_.address)) {
        return {Fault::Kind::other, who + "its stack has overflown (" + std::to_string(Stacks::kBytes) + " bytes)"};
    }
    if (shared_.owns(signal_.address)) {
        const auto offset = static_cast<const unsigned char *>(signal_.address) - shared_.begin();
        return {Fault::Kind::address, who + "access to byte " + std::to_string(offset) + " of shared memory, which has " +
                                          std::to_string(shared_.bytes()) + " bytes"};
    }
    if (signal_.general_protection) {
        return {Fault::Kind::misaligned, who + "a misaligned vector access, or an address that cannot be"};
    }
    return {Fault::Kind::address, who + "access to " + hexadecimal(address) + ": " + describe_address(address)};
}

} // namespace pb::emulated
