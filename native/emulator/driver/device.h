/*
 * The one emulated device and its primary context: which handles live, what is current where, and the sticky error.
 * Functions of the API begin with check() or check_initialized() and return what it says unless that is CUDA_SUCCESS.
 */
#ifndef PATCHBAY_EMULATOR_DEVICE_H
#define PATCHBAY_EMULATOR_DEVICE_H

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "../runtime/launch.h"
#include "abi.h"
#include "arena.h"
#include "stream.h"

namespace pb::emulated {

class Device {
  public:
    static Device &instance();

    Arena memory;

    void initialize() { initialized_ = true; }
    abi::CUresult check_initialized() const;
    abi::CUresult check_device(abi::CUdevice device) const;
    /* Also that the calling thread has the context, and the sticky error. */
    abi::CUresult check() const;

    /* The primary context. */
    abi::CUcontext retain();
    abi::CUresult release();
    bool is_context(abi::CUcontext context) const { return context == context_handle(); }
    void wait_for_all();

    /* Streams. The null handle is the legacy stream. */
    abi::CUstream create_stream(bool blocking);
    abi::CUresult destroy_stream(abi::CUstream handle);
    std::shared_ptr<Stream> stream(abi::CUstream handle);
    /* Appends work to a stream, in order with the legacy stream where they must be. It is skipped after a fault. */
    Point submit(const std::shared_ptr<Stream> &stream, std::function<void()> work, std::vector<Point> after = {});

    /* Events. */
    abi::CUevent create_event(bool timed);
    bool destroy_event(abi::CUevent handle);
    std::shared_ptr<Event> event(abi::CUevent handle);

    /* Host memory that the device copies from and to without waiting. */
    void add_host_memory(void *memory, size_t bytes);
    bool remove_host_memory(void *memory);
    bool is_host_memory(const void *memory, size_t bytes);

    /* A device fault: every later call of a context returns it. The first one stays. */
    void fail(abi::CUresult error, const std::string &report);
    void fail(const Fault &fault);
    /* Keeps and prints why a call was refused or the device failed. */
    void report(const std::string &text);
    std::string last_report();
    void forget_fault();

  private:
    explicit Device(uint64_t capacity) : memory(capacity) {}
    abi::CUcontext context_handle() const;
    void keep_report(const std::string &text);

    std::atomic<bool> initialized_{false};
    std::atomic<int> sticky_{0};
    std::mutex mutex_;
    std::atomic<int> retained_{0};
    std::shared_ptr<Stream> legacy_;
    std::map<abi::CUstream, std::shared_ptr<Stream>> streams_;
    std::map<abi::CUevent, std::shared_ptr<Event>> events_;
    std::map<const unsigned char *, size_t> host_memory_;
    std::string last_report_;
};

/* The context of the calling thread. */
extern thread_local abi::CUcontext current_context;

/* The last function that the calling thread wanted and the emulator does not have. */
extern thread_local const char *unsupported_function;

/* Whether reports go to standard error too. */
extern std::atomic<bool> reports_are_printed;

} // namespace pb::emulated

#endif
