/* Streams and events. */
#include "device.h"
#include "functions.h"

namespace pb::abi {

using emulated::Device;
using emulated::Event;
using emulated::Moment;
using emulated::Stream;

namespace {
/* The time between two recorded and reached moments, in milliseconds. */
CUresult elapsed(float *milliseconds, CUevent start, CUevent end) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    const auto from = device.event(start);
    const auto to = device.event(end);
    if (milliseconds == nullptr || from == nullptr || to == nullptr || !from->timed || !to->timed ||
        from->moment == nullptr || to->moment == nullptr) {
        return milliseconds == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_INVALID_HANDLE;
    }
    if (!from->moment->point.reached() || !to->moment->point.reached()) {
        return CUDA_ERROR_NOT_READY;
    }
    *milliseconds = std::chrono::duration<float, std::milli>(to->moment->time - from->moment->time).count();
    return CUDA_SUCCESS;
}
} // namespace

extern "C" {

CUresult cuStreamCreate(CUstream *stream, unsigned flags) {
    if (const CUresult status = Device::instance().check(); status != CUDA_SUCCESS) {
        return status;
    }
    if (stream == nullptr || (flags & ~CU_STREAM_NON_BLOCKING) != 0) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    *stream = Device::instance().create_stream((flags & CU_STREAM_NON_BLOCKING) == 0);
    return CUDA_SUCCESS;
}

CUresult cuStreamDestroy_v2(CUstream stream) {
    const CUresult status = Device::instance().check();
    return status == CUDA_SUCCESS ? Device::instance().destroy_stream(stream) : status;
}

CUresult cuStreamSynchronize(CUstream stream) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    const auto found = device.stream(stream);
    if (found == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    found->last().wait();
    return device.check();
}

CUresult cuStreamQuery(CUstream stream) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    const auto found = device.stream(stream);
    if (found == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    return found->last().reached() ? device.check() : CUDA_ERROR_NOT_READY;
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned flags) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    const auto waiting = device.stream(stream);
    const auto found = device.event(event);
    if (waiting == nullptr || found == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    if (flags != 0) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    if (found->moment != nullptr) {
        device.submit(waiting, [] {}, {found->moment->point});
    }
    return CUDA_SUCCESS;
}

CUresult cuLaunchHostFunc(CUstream stream, CUhostFn function, void *data) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    const auto found = device.stream(stream);
    if (found == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    if (function == nullptr) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    device.submit(found, [function, data] { function(data); });
    return CUDA_SUCCESS;
}

CUresult cuEventCreate(CUevent *event, unsigned flags) {
    if (const CUresult status = Device::instance().check(); status != CUDA_SUCCESS) {
        return status;
    }
    if (event == nullptr || (flags & ~(CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING)) != 0) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    *event = Device::instance().create_event((flags & CU_EVENT_DISABLE_TIMING) == 0);
    return CUDA_SUCCESS;
}

CUresult cuEventDestroy_v2(CUevent event) {
    if (const CUresult status = Device::instance().check(); status != CUDA_SUCCESS) {
        return status;
    }
    return Device::instance().destroy_event(event) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    const auto recorded = device.stream(stream);
    const auto found = device.event(event);
    if (recorded == nullptr || found == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    auto moment = std::make_shared<Moment>();
    moment->point = device.submit(recorded, [moment] { moment->time = std::chrono::steady_clock::now(); });
    found->moment = std::move(moment);
    return CUDA_SUCCESS;
}

CUresult cuEventSynchronize(CUevent event) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    const auto found = device.event(event);
    if (found == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    if (found->moment != nullptr) {
        found->moment->point.wait();
    }
    return device.check();
}

CUresult cuEventQuery(CUevent event) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    const auto found = device.event(event);
    if (found == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    return found->moment == nullptr || found->moment->point.reached() ? device.check() : CUDA_ERROR_NOT_READY;
}

CUresult cuEventElapsedTime_v2(float *milliseconds, CUevent start, CUevent end) {
    return elapsed(milliseconds, start, end);
}

CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end) {
    return elapsed(milliseconds, start, end);
}

} // extern "C"

} // namespace pb::abi
