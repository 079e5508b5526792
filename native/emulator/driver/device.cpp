/* The state of the device. */
#include "device.h"

#include <cstdio>

#include "../runtime/memory_map.h"
#include "../runtime/settings.h"

namespace pb::emulated {

using namespace abi;

thread_local CUcontext current_context = nullptr;
thread_local const char *unsupported_function = nullptr;
std::atomic<bool> reports_are_printed{true};

std::string describe_address(uint64_t address) { return Device::instance().memory.describe(address); }

/* Never destroyed: the threads of streams live until the process ends. */
Device &Device::instance() {
    static Device &device = *new Device(settings().memory);
    return device;
}

CUresult Device::check_initialized() const { return initialized_ ? CUDA_SUCCESS : CUDA_ERROR_NOT_INITIALIZED; }

CUresult Device::check_device(CUdevice device) const {
    if (!initialized_) {
        return CUDA_ERROR_NOT_INITIALIZED;
    }
    return device == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult Device::check() const {
    if (!initialized_) {
        return CUDA_ERROR_NOT_INITIALIZED;
    }
    if (current_context == nullptr) {
        return CUDA_ERROR_INVALID_CONTEXT;
    }
    if (retained_ == 0) {
        return CUDA_ERROR_CONTEXT_IS_DESTROYED;
    }
    return static_cast<CUresult>(sticky_.load());
}

/* The handle has no contents; its address is this object's. */
CUcontext Device::context_handle() const {
    return reinterpret_cast<CUcontext>(const_cast<Device *>(this)); // NOLINT: an opaque handle
}

CUcontext Device::retain() {
    const std::lock_guard lock(mutex_);
    if (retained_++ == 0) {
        legacy_ = std::make_shared<Stream>(true);
    }
    return context_handle();
}

CUresult Device::release() {
    if (retained_ == 0) {
        return CUDA_ERROR_INVALID_CONTEXT;
    }
    if (retained_ > 1) {
        --retained_;
        return CUDA_SUCCESS;
    }
    wait_for_all();
    const std::lock_guard lock(mutex_);
    retained_ = 0;
    legacy_->close();
    for (const auto &[handle, stream] : streams_) {
        stream->close();
    }
    legacy_.reset();
    streams_.clear();
    events_.clear();
    memory.free_all();
    return CUDA_SUCCESS;
}

void Device::wait_for_all() {
    std::vector<Point> ends;
    {
        const std::lock_guard lock(mutex_);
        if (legacy_ != nullptr) {
            ends.push_back(legacy_->last());
        }
        for (const auto &[handle, stream] : streams_) {
            ends.push_back(stream->last());
        }
    }
    for (const Point &end : ends) {
        end.wait();
    }
}

CUstream Device::create_stream(bool blocking) {
    const std::lock_guard lock(mutex_);
    auto stream = std::make_shared<Stream>(blocking);
    const auto handle = reinterpret_cast<CUstream>(stream.get());
    streams_.emplace(handle, std::move(stream));
    return handle;
}

/* The work that the stream has goes on; what waits for it keeps it. */
CUresult Device::destroy_stream(CUstream handle) {
    const std::lock_guard lock(mutex_);
    const auto it = streams_.find(handle);
    if (it == streams_.end()) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    it->second->close();
    streams_.erase(it);
    return CUDA_SUCCESS;
}

std::shared_ptr<Stream> Device::stream(CUstream handle) {
    const std::lock_guard lock(mutex_);
    if (handle == nullptr || reinterpret_cast<uintptr_t>(handle) == kStreamLegacy) {
        return legacy_;
    }
    const auto it = streams_.find(handle);
    return it == streams_.end() ? nullptr : it->second;
}

Point Device::submit(const std::shared_ptr<Stream> &stream, std::function<void()> work, std::vector<Point> after) {
    const std::lock_guard lock(mutex_);
    if (stream == legacy_) {
        for (const auto &[handle, other] : streams_) {
            if (other->blocking) {
                after.push_back(other->last());
            }
        }
    } else if (stream->blocking) {
        after.push_back(legacy_->last());
    }
    return stream->submit(
        [this, work = std::move(work)] {
            if (sticky_ == 0) {
                work();
            }
        },
        std::move(after));
}

CUevent Device::create_event(bool timed) {
    const std::lock_guard lock(mutex_);
    auto event = std::make_shared<Event>(timed);
    const auto handle = reinterpret_cast<CUevent>(event.get());
    events_.emplace(handle, std::move(event));
    return handle;
}

bool Device::destroy_event(CUevent handle) {
    const std::lock_guard lock(mutex_);
    return events_.erase(handle) == 1;
}

std::shared_ptr<Event> Device::event(CUevent handle) {
    const std::lock_guard lock(mutex_);
    const auto it = events_.find(handle);
    return it == events_.end() ? nullptr : it->second;
}

void Device::add_host_memory(void *memory_of_host, size_t bytes) {
    const std::lock_guard lock(mutex_);
    host_memory_.emplace(static_cast<const unsigned char *>(memory_of_host), bytes);
}

bool Device::remove_host_memory(void *memory_of_host) {
    const std::lock_guard lock(mutex_);
    return host_memory_.erase(static_cast<const unsigned char *>(memory_of_host)) == 1;
}

bool Device::is_host_memory(const void *memory_of_host, size_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto *address = static_cast<const unsigned char *>(memory_of_host);
    auto it = host_memory_.upper_bound(address);
    if (it == host_memory_.begin()) {
        return false;
    }
    --it;
    return address + bytes <= it->first + it->second;
}

/* Who sees the error finds the report. */
void Device::fail(CUresult error, const std::string &text) {
    const std::lock_guard lock(mutex_);
    if (sticky_ == 0) {
        keep_report(text);
        sticky_ = error;
    }
}

void Device::fail(const Fault &fault) {
    switch (fault.kind) {
    case Fault::Kind::none: return;
    case Fault::Kind::address: return fail(CUDA_ERROR_ILLEGAL_ADDRESS, fault.text);
    case Fault::Kind::misaligned: return fail(CUDA_ERROR_MISALIGNED_ADDRESS, fault.text);
    case Fault::Kind::other: return fail(CUDA_ERROR_LAUNCH_FAILED, fault.text);
    }
}

void Device::report(const std::string &text) {
    const std::lock_guard lock(mutex_);
    keep_report(text);
}

void Device::keep_report(const std::string &text) {
    last_report_ = text;
    if (reports_are_printed) {
        std::fprintf(stderr, "patchbay emulator: %s\n", text.c_str());
    }
}

std::string Device::last_report() {
    const std::lock_guard lock(mutex_);
    return last_report_;
}

void Device::forget_fault() {
    if (sticky_.exchange(0) != 0) {
        memory.free_all(); /* nobody could free it */
    }
    const std::lock_guard lock(mutex_);
    last_report_.clear();
}

} // namespace pb::emulated
