/*
 * The CPU device: a C ABI over native/cpu. One device owns one persistent thread pool; calls on one device must not
 * overlap (Java serialises them), different devices are independent. Every pointer is host memory, 64-byte aligned where
 * pb_cpu_allocate made it.
 */
#ifndef PATCHBAY_CPU_H
#define PATCHBAY_CPU_H

#include "patchbay/ops.h"

#define PB_CPU_ABI_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

#define PB_EXPORT __attribute__((visibility("default")))

typedef enum pb_isa { PB_ISA_AUTO = 0, PB_ISA_AVX2 = 1, PB_ISA_AVX512 = 2 } pb_isa;

typedef struct pb_cpu_device pb_cpu_device;

PB_EXPORT int32_t pb_cpu_abi_version(void);
/* The instruction set `isa` stands for on this machine (AUTO resolves), or 0 where it cannot run. */
PB_EXPORT int32_t pb_cpu_supported_isa(int32_t isa);
/* sizeof of the struct of that name ("pb_gemm", ...), -1 for an unknown name. */
PB_EXPORT int64_t pb_cpu_struct_size(const char *name);
/* offsetof(struct_name, field_name), -1 for an unknown name. */
PB_EXPORT int64_t pb_cpu_field_offset(const char *struct_name, const char *field_name);

/* threads 0: all processors this process may use. */
PB_EXPORT int32_t pb_cpu_create(int32_t threads, int32_t isa, pb_cpu_device **out);
PB_EXPORT void pb_cpu_destroy(pb_cpu_device *device);
PB_EXPORT int32_t pb_cpu_threads(const pb_cpu_device *device);
PB_EXPORT int32_t pb_cpu_isa(const pb_cpu_device *device);

/* 64-byte aligned memory; bytes > 0. Contents are undefined. */
PB_EXPORT int32_t pb_cpu_allocate(int64_t bytes, void **out);
PB_EXPORT void pb_cpu_free(void *memory);

/* Floats that a packed weight of this shape takes (padded columns included), -1 on overflow. */
PB_EXPORT int64_t pb_cpu_packed_size(int64_t inner, int64_t columns);
PB_EXPORT int32_t pb_cpu_pack_weight(pb_cpu_device *device, const pb_pack *params);

/* `count` independent products in one parallel region (experts of a layer, q/k/v). */
PB_EXPORT int32_t pb_cpu_gemm(pb_cpu_device *device, const pb_gemm *params, int64_t count);
PB_EXPORT int32_t pb_cpu_gemm_chosen(pb_cpu_device *device, const pb_gemm_chosen *params);
PB_EXPORT int32_t pb_cpu_attention(pb_cpu_device *device, const pb_attention *params);
PB_EXPORT int32_t pb_cpu_norm(pb_cpu_device *device, const pb_norm *params);
PB_EXPORT int32_t pb_cpu_rope(pb_cpu_device *device, const pb_rope *params);
PB_EXPORT int32_t pb_cpu_activation(pb_cpu_device *device, const pb_activation *params);
PB_EXPORT int32_t pb_cpu_combine(pb_cpu_device *device, const pb_combine *params);
PB_EXPORT int32_t pb_cpu_gather(pb_cpu_device *device, const pb_gather *params);
PB_EXPORT int32_t pb_cpu_edit(pb_cpu_device *device, const pb_edit *params);
PB_EXPORT int32_t pb_cpu_log_softmax(pb_cpu_device *device, const pb_log_softmax *params);

/* Mixtures of experts. */
PB_EXPORT int32_t pb_cpu_route(pb_cpu_device *device, const pb_route *params);
PB_EXPORT int32_t pb_cpu_expert_rows(pb_cpu_device *device, const pb_expert_rows *params);
PB_EXPORT int32_t pb_cpu_gemm_experts(pb_cpu_device *device, const pb_gemm_experts *params);
PB_EXPORT int32_t pb_cpu_mix(pb_cpu_device *device, const pb_mix *params);

#ifdef __cplusplus
}
#endif
#endif
