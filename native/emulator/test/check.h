/* The tools of the emulated device's test: the device through its own API. */
#ifndef PATCHBAY_EMULATOR_CHECK_H
#define PATCHBAY_EMULATOR_CHECK_H

#include "../../test/harness.h"
#include "driver/functions.h"

namespace check {

using namespace pb::abi;

inline void ok(CUresult status, const std::string &what) {
    that(status == CUDA_SUCCESS, what + ": status " + std::to_string(status));
}

inline void is(CUresult got, CUresult want, const std::string &what) {
    that(got == want, what + ": status " + std::to_string(got) + ", want " + std::to_string(want));
}

/* The last report has the words. */
void reported(const std::string &words);

/* The largest difference; infinite where one is NaN. */
double distance(const floats &got, const std::vector<double> &want);

/* The kernel of the table. */
CUfunction kernel(const char *name);

/* Launches a kernel with its parameter struct, through `extra`, on the legacy stream. */
template <class Params>
CUresult launch(const char *name, unsigned grid, unsigned threads, unsigned shared, const Params &params,
                CUstream stream = nullptr) {
    size_t size = sizeof(params);
    void *extra[] = {reinterpret_cast<void *>(kLaunchParamBufferPointer), const_cast<Params *>(&params),
                     reinterpret_cast<void *>(kLaunchParamBufferSize), &size,
                     reinterpret_cast<void *>(kLaunchParamEnd)};
    return cuLaunchKernel(kernel(name), grid, 1, 1, threads, 1, 1, shared, stream, nullptr, extra);
}

/* Device memory for a test: freed at the end, if the device lives. */
template <class T> class Buffer {
  public:
    explicit Buffer(size_t count) : count_(count) { ok(cuMemAlloc_v2(&address_, count * sizeof(T)), "cuMemAlloc"); }
    explicit Buffer(const std::vector<T> &values) : Buffer(values.size()) {
        ok(cuMemcpyHtoD_v2(address_, values.data(), values.size() * sizeof(T)), "cuMemcpyHtoD");
    }
    ~Buffer() { cuMemFree_v2(address_); }
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;

    CUdeviceptr address() const { return address_; }
    T *pointer() const { return reinterpret_cast<T *>(address_); }
    std::vector<T> values() const {
        std::vector<T> out(count_);
        ok(cuMemcpyDtoH_v2(out.data(), address_, count_ * sizeof(T)), "cuMemcpyDtoH");
        return out;
    }

  private:
    CUdeviceptr address_ = 0;
    size_t count_;
};

} // namespace check

#endif
