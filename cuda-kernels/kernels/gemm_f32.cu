/*
 * gemm_f32: out[r, n] = sum_k x[r, k] W[inner_begin + k, n] (+ bias[n]) with FFMA, in three tile shapes.
 * 2 rows inner columns FLOPs; every tile of x is read columns / tile columns times, of W rows / tile rows times.
 *
 * Exact: an element has one accumulator in one thread, which adds k = 0, 1, ... by fma whatever the tile, the sizes or the
 * place. K is never split, and the last, partial step over k stops at `inner` instead of adding zeros. So the three
 * shapes, gemm_chosen_f32, and any batch give an element the same bits.
 *
 *              tile        step over k  a thread's elements  for
 *   gemm_f32   128 x 64    16           8 x 8                many rows: 4 FFMA a byte from shared memory
 *   _medium    64 x 64     16           8 x 4                too few blocks of the large tile to fill the device
 *   _small     16 x 32     32           4 x 1                up to 16 rows: bound by reading W, so many small blocks
 *
 * A thread's rows and columns come in runs of 4, spread over the tile, so that a warp reads shared memory in conflict-free
 * 16-byte words. Shared memory: two stages of both tiles, each k a row; the next stage travels through registers while
 * this one is multiplied. Barriers: one a step; it closes the writing of the next stage and the reading of this one.
 */
#include "../common/device.cuh"
#include "../launch.h"
#include "patchbay/cuda.h"

namespace pb::gemm {

__device__ __forceinline__ bool is_aligned(const float *base, int64_t stride) {
    return (reinterpret_cast<uintptr_t>(base) % 16 == 0) && stride % 4 == 0;
}

/* Up to 4 elements, zero behind `valid` of them. */
__device__ __forceinline__ float4a load4(const float *from, int64_t valid, bool aligned) {
    if (valid >= 4 && aligned) {
        return *reinterpret_cast<const float4a *>(from);
    }
    float4a v{0.0f, 0.0f, 0.0f, 0.0f};
    v.x = valid > 0 ? from[0] : 0.0f;
    v.y = valid > 1 ? from[1] : 0.0f;
    v.z = valid > 2 ? from[2] : 0.0f;
    v.w = valid > 3 ? from[3] : 0.0f;
    return v;
}

/* One operand's tile of Lines lines (rows of x, columns of W) by Inner steps of k, on its way to shared memory as
 * [Inner][Lines + 4]. In memory either k runs along a line (along_k), or the lines lie side by side in a row of one k. */
template <int Lines, int Inner, int Threads> struct operand {
    static constexpr int kPitch = Lines + 4;
    static constexpr int kLoads = Lines * Inner / 4 / Threads;
    static_assert(kLoads * 4 * Threads == Lines * Inner, "every thread loads as much");
    /* From one load of a thread to its next: lines where k runs along a line, else steps of k. */
    static constexpr int kLineStep = Threads / (Inner / 4);
    static constexpr int kInnerStep = Threads / (Lines / 4);

    const float *at; /* of this thread's first load of the next tile */
    int64_t load_step;
    int64_t tile_step;
    int64_t lines_left; /* from this thread's first line on */
    int64_t inner_left; /* from this thread's first k of the next tile on */
    bool along_k;
    bool aligned;
    float4a held[kLoads];

    __device__ __forceinline__ operand(const float *base, int64_t stride, int64_t first_line, int64_t lines,
                                       int64_t inner, bool k_along_line, int thread)
        : along_k(k_along_line), aligned(is_aligned(base, stride)) {
        const int line = along_k ? thread / (Inner / 4) : thread % (Lines / 4) * 4;
        const int k = along_k ? thread % (Inner / 4) * 4 : thread / (Lines / 4);
        at = base + (first_line + line) * (along_k ? stride : 1) + k * (along_k ? 1 : stride);
        load_step = (along_k ? kLineStep : kInnerStep) * stride;
        tile_step = Inner * (along_k ? 1 : stride);
        lines_left = lines - first_line - line;
        inner_left = inner - k;
    }

    __device__ __forceinline__ void fetch() {
        const int64_t across = along_k ? lines_left : inner_left;
        const int64_t along = along_k ? inner_left : lines_left;
        PB_UNROLL
        for (int i = 0; i < kLoads; ++i) {
            held[i] = {0.0f, 0.0f, 0.0f, 0.0f};
            if (i * (along_k ? kLineStep : kInnerStep) < across) {
                held[i] = load4(at + i * load_step, along, aligned);
            }
        }
        at += tile_step;
        inner_left -= Inner;
    }

    __device__ __forceinline__ void store(float *tile, int thread) const {
        PB_UNROLL
        for (int i = 0; i < kLoads; ++i) {
            const int index = thread + i * Threads;
            if (along_k) {
                float *to = tile + index % (Inner / 4) * 4 * kPitch + index / (Inner / 4);
                to[0] = held[i].x;
                to[kPitch] = held[i].y;
                to[2 * kPitch] = held[i].z;
                to[3 * kPitch] = held[i].w;
            } else {
                float *to = tile + index / (Lines / 4) * kPitch + index % (Lines / 4) * 4;
                *reinterpret_cast<float4a *>(to) = held[i];
            }
        }
    }
};

/* Of a thread's Count lines, line i is at place * run + i % run + i / run * gap of the tile, with run = min(4, Count). */
template <int Lines, int Count> struct spread {
    static constexpr int kRun = Count < 4 ? 1 : 4;
    static constexpr int kGap = Lines / (Count / kRun);
    static_assert(Count % kRun == 0 && (kRun == 4 || Count == 1));

    __device__ __forceinline__ static int line(int place, int i) { return place * kRun + i % kRun + i / kRun * kGap; }

    __device__ __forceinline__ static void read(const float *row, int place, float (&to)[Count]) {
        PB_UNROLL
        for (int i = 0; i < Count; i += kRun) {
            const float *from = row + line(place, i);
            if constexpr (kRun == 4) {
                const float4a v = *reinterpret_cast<const float4a *>(from);
                to[i] = v.x;
                to[i + 1] = v.y;
                to[i + 2] = v.z;
                to[i + 3] = v.w;
            } else {
                to[i] = *from;
            }
        }
    }
};

template <gemm_tile Tile> __device__ __forceinline__ void run(const pb_cuda_gemm &p) {
    constexpr int kThreads = Tile.threads();
    constexpr int kInner = Tile.inner;
    using x_operand = operand<Tile.rows, kInner, kThreads>;
    using w_operand = operand<Tile.columns, kInner, kThreads>;
    using row_spread = spread<Tile.rows, Tile.thread_rows>;
    using column_spread = spread<Tile.columns, Tile.thread_columns>;
    constexpr int kStage = kInner * (x_operand::kPitch + w_operand::kPitch);
    static_assert(Tile.shared_bytes() == 2 * kStage * 4);

    float *shared = shared_memory<float>(0, 2 * kStage);
    const int thread = static_cast<int>(threadIdx.x);
    const int column_place = thread % (Tile.columns / Tile.thread_columns);
    const int row_place = thread / (Tile.columns / Tile.thread_columns);
    const int64_t first_row = static_cast<int64_t>(blockIdx.x) * Tile.rows;
    const int64_t first_column = static_cast<int64_t>(blockIdx.y) * Tile.columns;

    const bool transposed = p.transposed != 0;
    const float *weight = p.weight + (transposed ? p.inner_begin : p.inner_begin * p.weight_stride);
    x_operand x(p.x, p.x_stride, first_row, p.rows, p.inner, true, thread);
    w_operand w(weight, p.weight_stride, first_column, p.columns, p.inner, transposed, thread);

    float sum[Tile.thread_rows][Tile.thread_columns] = {};
    const auto multiply = [&](const float *stage, int k) {
        float a[Tile.thread_rows];
        float b[Tile.thread_columns];
        row_spread::read(stage + k * x_operand::kPitch, row_place, a);
        column_spread::read(stage + kInner * x_operand::kPitch + k * w_operand::kPitch, column_place, b);
        PB_UNROLL
        for (int i = 0; i < Tile.thread_rows; ++i) {
            PB_UNROLL
            for (int j = 0; j < Tile.thread_columns; ++j) {
                sum[i][j] = fmaf(a[i], b[j], sum[i][j]);
            }
        }
    };

    x.fetch();
    w.fetch();
    x.store(shared, thread);
    w.store(shared + kInner * x_operand::kPitch, thread);
    __syncthreads();
    float *now = shared;
    float *next = shared + kStage;
    for (int64_t k = 0; k < p.inner; k += kInner) {
        const bool more = k + kInner < p.inner;
        if (more) {
            x.fetch();
            w.fetch();
        }
        if (k + kInner <= p.inner) {
            PB_UNROLL
            for (int i = 0; i < kInner; ++i) {
                multiply(now, i);
            }
        } else {
            const int left = static_cast<int>(p.inner - k);
            PB_UNROLL_BY(1)
            for (int i = 0; i < left; ++i) {
                multiply(now, i);
            }
        }
        if (more) {
            x.store(next, thread);
            w.store(next + kInner * x_operand::kPitch, thread);
        }
        __syncthreads();
        float *const swap = now;
        now = next;
        next = swap;
    }

    PB_UNROLL
    for (int i = 0; i < Tile.thread_rows; ++i) {
        const int64_t row = first_row + row_spread::line(row_place, i);
        PB_UNROLL
        for (int j = 0; j < Tile.thread_columns; ++j) {
            const int64_t column = first_column + column_spread::line(column_place, j);
            if (row < p.rows && column < p.columns) {
                p.out[row * p.out_stride + column] = p.bias == nullptr ? sum[i][j] : sum[i][j] + p.bias[column];
            }
        }
    }
}

} // namespace pb::gemm

PB_KERNEL(gemm_f32, pb_cuda_gemm, 128) { pb::gemm::run<pb::kGemmLarge>(p); }
PB_KERNEL(gemm_f32_medium, pb_cuda_gemm, 128) { pb::gemm::run<pb::kGemmMedium>(p); }
PB_KERNEL(gemm_f32_small, pb_cuda_gemm, 128) { pb::gemm::run<pb::kGemmSmall>(p); }
