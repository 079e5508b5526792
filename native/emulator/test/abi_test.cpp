/* Our constants are those of cuda.h, and its macros lead to our symbols. Without cuda.h the story says so. */
#include <cstdio>
#include <type_traits>

#include "check.h"
#include "stories.h"

#if __has_include(<cuda.h>)
#include <cuda.h>

#define PB_RESULT(name, value, description) static_assert(int{pb::abi::name} == int{::name}, #name);
#include "driver/results.def"
#undef PB_RESULT

#define PB_ATTRIBUTE(name, number, value)                                                                              \
    static_assert(int{pb::abi::CU_DEVICE_ATTRIBUTE_##name} == int{::CU_DEVICE_ATTRIBUTE_##name}, #name);
#include "driver/attributes.def"
#undef PB_ATTRIBUTE

#define PB_SAME(name) static_assert(int{pb::abi::name} == int{::name}, #name)
PB_SAME(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
PB_SAME(CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
PB_SAME(CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES);
PB_SAME(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
PB_SAME(CU_FUNC_ATTRIBUTE_NUM_REGS);
PB_SAME(CU_FUNC_ATTRIBUTE_PTX_VERSION);
PB_SAME(CU_FUNC_ATTRIBUTE_BINARY_VERSION);
PB_SAME(CU_FUNC_ATTRIBUTE_CACHE_MODE_CA);
PB_SAME(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
PB_SAME(CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT);
PB_SAME(CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES);
PB_SAME(CU_MEMPOOL_ATTR_RELEASE_THRESHOLD);
PB_SAME(CU_GET_PROC_ADDRESS_SUCCESS);
PB_SAME(CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND);
PB_SAME(CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT);
static_assert(pb::abi::CU_STREAM_NON_BLOCKING == unsigned{::CU_STREAM_NON_BLOCKING});
static_assert(pb::abi::CU_EVENT_BLOCKING_SYNC == unsigned{::CU_EVENT_BLOCKING_SYNC});
static_assert(pb::abi::CU_EVENT_DISABLE_TIMING == unsigned{::CU_EVENT_DISABLE_TIMING});
static_assert(pb::abi::kLaunchParamEnd == CU_LAUNCH_PARAM_END_AS_INT);
static_assert(pb::abi::kLaunchParamBufferPointer == CU_LAUNCH_PARAM_BUFFER_POINTER_AS_INT);
static_assert(pb::abi::kLaunchParamBufferSize == CU_LAUNCH_PARAM_BUFFER_SIZE_AS_INT);
static_assert(sizeof(pb::abi::CUuuid) == sizeof(::CUuuid) && sizeof(pb::abi::CUdeviceptr) == sizeof(::CUdeviceptr));

namespace {

/* Parameters of the same number and sizes, which is what a call through the ABI sees. */
template <class A, class B> struct alike : std::false_type {};
template <class... A, class... B>
struct alike<pb::abi::CUresult (*)(A...), ::CUresult (*)(B...)>
    : std::bool_constant<sizeof...(A) == sizeof...(B) && ((sizeof(A) == sizeof(B)) && ...)> {};

} // namespace

#define PB_FUNCTION(name, symbol, version, parameters)                                                                 \
    static_assert(alike<decltype(&pb::abi::symbol), decltype(&::symbol)>::value, #symbol);
#include "driver/functions.def"
#undef PB_FUNCTION

void abi_stories() {
    check::story("constantsAndSignaturesAreThoseOfTheHeader", [] {}); /* it compiles */
}

#else

void abi_stories() { std::printf("no cuda.h: the emulator's constants are not compared with it\n"); }

#endif
