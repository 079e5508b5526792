/* The functions that others bind and the emulator does not have. */
#include "device.h"
#include "functions.h"

namespace pb::abi {

namespace {
/* Parameters are of no interest: the caller of the C ABI clears them away. */
CUresult unsupported(const char *symbol) {
    emulated::unsupported_function = symbol;
    emulated::Device::instance().report(std::string("the emulated driver does not have ") + symbol);
    return CUDA_ERROR_NOT_SUPPORTED;
}
} // namespace

extern "C" {

#define PB_UNSUPPORTED(symbol)                                                                                         \
    PB_EXPORT CUresult symbol(void);                                                                                   \
    CUresult symbol(void) { return unsupported(#symbol); }
#include "unsupported.def"
#undef PB_UNSUPPORTED

} // extern "C"

} // namespace pb::abi
