/*
 * The kernels' table: every operation as a function over a range of tasks, one table per instruction set. The functions
 * are pure work on memory: argument checks, splitting and scratch are done before they are called.
 */
#ifndef PATCHBAY_CPU_KERNELS_H
#define PATCHBAY_CPU_KERNELS_H

#include "patchbay/ops.h"

namespace patchbay {

/* Columns of a packed panel. Packed weights are [panels][inner][kPanel], the last panel padded with zeros. */
constexpr int64_t kPanel = 16;

/* One gemm task: rows [row_begin, row_end) of at most kGemmRows, panels [panel_begin, panel_end), kGemmPanels of them at
 * most. With an order, row r of the task is row order[r] of out, and reads row order[r] / share of x. */
struct gemm_task {
    const pb_gemm *gemm;
    int64_t row_begin;
    int64_t row_end;
    int64_t panel_begin;
    int64_t panel_end;
    const int32_t *order = nullptr;
    int64_t share = 1;
};

constexpr int64_t kGemmRows = 132;
/* Length of a block of the sum; weights of a block of two panels stay in the first or second cache. */
constexpr int64_t kGemmDepth = 384;
/* Row stride of the copied block of x: an odd number of cache lines, so that rows do not share cache sets. */
constexpr int64_t kGemmCopyStride = kGemmDepth + 16;
/* Panels of a task: a block of `out` rests in the second cache. */
constexpr int64_t kGemmPanels = 48;
constexpr int64_t kGemmScratch = kGemmRows * kGemmCopyStride;
/* With an order: room for the task's part of `out` too, whose rows lie apart. */
constexpr int64_t kGemmOrderedScratch = kGemmScratch + kGemmRows * kGemmPanels * kPanel;

/* Queries [query_begin, query_end) of one row and one head. `scores` has kQueryBlock rows of score_stride floats. */
constexpr int64_t kQueryBlock = 8;
struct attention_task {
    const pb_attention *params;
    int64_t row;
    int32_t head;
    int32_t query_begin;
    int32_t query_end;
    float *scores;
    int64_t score_stride;
};

struct kernels {
    /* scratch: kGemmScratch floats, kGemmOrderedScratch with an order */
    void (*gemm)(const gemm_task &task, float *scratch);
    /* Elements order[begin..end) of the chosen ones. */
    void (*gemm_chosen)(const pb_gemm_chosen &params, const int64_t *order, int64_t begin, int64_t end);
    pb_status (*attention)(const attention_task &task);
    /* Ranges of rows (of rows x groups for norm). */
    void (*norm)(const pb_norm &params, int64_t begin, int64_t end);
    void (*rope)(const pb_rope &params, int64_t begin, int64_t end);
    void (*activation)(const pb_activation &params, int64_t begin, int64_t end);
    void (*combine)(const pb_combine &params, int64_t begin, int64_t end);
    void (*log_softmax)(const pb_log_softmax &params, int64_t begin, int64_t end);
    void (*route)(const pb_route &params, int64_t begin, int64_t end);
    void (*mix)(const pb_mix &params, int64_t begin, int64_t end);
    /* Range of entries. */
    void (*edit)(const pb_edit &params, int64_t begin, int64_t end);
    /* Register-only fma loop for the benchmark; returns its floating point operations. */
    int64_t (*fma_peak)(int64_t iterations, float *sink);
    /* Values of the elementary functions for the tests: 0 exp, 1 log, 2 tanh, 3 1 + erf. */
    void (*elementary)(int32_t function, const float *x, float *out, int64_t count);
};

namespace avx2 {
extern const kernels table;
}
namespace avx512 {
extern const kernels table;
}

} // namespace patchbay

#endif
