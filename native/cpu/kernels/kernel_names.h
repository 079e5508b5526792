/* The kernels of this instruction set, as the table names them. */
#ifndef PATCHBAY_CPU_KERNEL_NAMES_H
#define PATCHBAY_CPU_KERNEL_NAMES_H

#include "../src/kernels.h"
#include "vec16.h"

namespace PB_KERNEL_NAMESPACE {

void gemm(const gemm_task &task, float *scratch);
void gemm_chosen(const pb_gemm_chosen &params, const int64_t *order, int64_t begin, int64_t end);
pb_status attention(const attention_task &task);
void norm(const pb_norm &params, int64_t begin, int64_t end);
void rope(const pb_rope &params, int64_t begin, int64_t end);
void activation(const pb_activation &params, int64_t begin, int64_t end);
void combine(const pb_combine &params, int64_t begin, int64_t end);
void log_softmax(const pb_log_softmax &params, int64_t begin, int64_t end);
void route(const pb_route &params, int64_t begin, int64_t end);
void mix(const pb_mix &params, int64_t begin, int64_t end);
void edit(const pb_edit &params, int64_t begin, int64_t end);
int64_t fma_peak(int64_t iterations, float *sink);
void elementary(int32_t function, const float *x, float *out, int64_t count);

} // namespace PB_KERNEL_NAMESPACE

#endif
