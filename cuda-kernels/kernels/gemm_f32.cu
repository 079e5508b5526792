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
 * gemm_experts_f32 and _small: the grouped form, the rows of every expert times its own weight, in one launch. A block finds
 * its tile of one expert's rows in `begin`; the rows of x and of out are those that `order` lists.
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

/* Load number `index` of a tile [Inner][Pitch]: four steps of k of one line. */
template <int Inner, int Pitch> __device__ __forceinline__ void store_along_k(float *tile, int index, float4a value) {
    float *to = tile + index % (Inner / 4) * 4 * Pitch + index / (Inner / 4);
    to[0] = value.x;
    to[Pitch] = value.y;
    to[2 * Pitch] = value.z;
    to[3 * Pitch] = value.w;
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
                store_along_k<Inner, kPitch>(tile, index, held[i]);
            } else {
                float *to = tile + index / (Lines / 4) * kPitch + index % (Lines / 4) * 4;
                *reinterpret_cast<float4a *>(to) = held[i];
            }
        }
    }
};

/* The same for rows of x that lie anywhere, k along each. */
template <int Lines, int Inner, int Threads> struct listed_operand {
    static constexpr int kPitch = Lines + 4;
    static constexpr int kLoads = Lines * Inner / 4 / Threads;

    const float *at[kLoads]; /* of each load of the next tile; null where there is no such row */
    int64_t inner_left;      /* from this thread's first k of the next tile on */
    bool aligned;
    float4a held[kLoads];

    /* Line i is row order[i] / share of x, for the `lines` that there are. */
    __device__ __forceinline__ listed_operand(const float *base, int64_t stride, const int32_t *order, int32_t share,
                                              int64_t lines, int64_t inner, int thread)
        : aligned(is_aligned(base, stride)) {
        const int k = thread % (Inner / 4) * 4;
        PB_UNROLL
        for (int i = 0; i < kLoads; ++i) {
            const int line = (thread + i * Threads) / (Inner / 4);
            at[i] = line < lines ? base + order[line] / share * stride + k : nullptr;
        }
        inner_left = inner - k;
    }

    __device__ __forceinline__ void fetch() {
        PB_UNROLL
        for (int i = 0; i < kLoads; ++i) {
            held[i] = {0.0f, 0.0f, 0.0f, 0.0f};
            if (at[i] != nullptr) {
                held[i] = load4(at[i], inner_left, aligned);
                at[i] += Inner;
            }
        }
        inner_left -= Inner;
    }

    __device__ __forceinline__ void store(float *tile, int thread) const {
        PB_UNROLL
        for (int i = 0; i < kLoads; ++i) {
            store_along_k<Inner, kPitch>(tile, thread + i * Threads, held[i]);
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

/* A tile's place among a thread's elements. */
template <gemm_tile Tile> struct places {
    using row_spread = spread<Tile.rows, Tile.thread_rows>;
    using column_spread = spread<Tile.columns, Tile.thread_columns>;
    int row, column;

    __device__ __forceinline__ explicit places(int thread)
        : row(thread / (Tile.columns / Tile.thread_columns)), column(thread % (Tile.columns / Tile.thread_columns)) {}
};

/* sum += x W over all of k, for the elements of each thread. */
template <gemm_tile Tile, class X, class W>
__device__ __forceinline__ void multiply(X &x, W &w, int64_t inner, float (&sum)[Tile.thread_rows][Tile.thread_columns]) {
    constexpr int kInner = Tile.inner;
    constexpr int kStage = kInner * (X::kPitch + W::kPitch);
    static_assert(Tile.shared_bytes() == 2 * kStage * 4);

    float *shared = shared_memory<float>(0, 2 * kStage);
    const int thread = static_cast<int>(threadIdx.x);
    const places<Tile> place(thread);
    const auto step = [&](const float *stage, int k) {
        float a[Tile.thread_rows];
        float b[Tile.thread_columns];
        places<Tile>::row_spread::read(stage + k * X::kPitch, place.row, a);
        places<Tile>::column_spread::read(stage + kInner * X::kPitch + k * W::kPitch, place.column, b);
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
    w.store(shared + kInner * X::kPitch, thread);
    __syncthreads();
    float *now = shared;
    float *next = shared + kStage;
    for (int64_t k = 0; k < inner; k += kInner) {
        const bool more = k + kInner < inner;
        if (more) {
            x.fetch();
            w.fetch();
        }
        if (k + kInner <= inner) {
            PB_UNROLL
            for (int i = 0; i < kInner; ++i) {
                step(now, i);
            }
        } else {
            const int left = static_cast<int>(inner - k);
            PB_UNROLL_BY(1)
            for (int i = 0; i < left; ++i) {
                step(now, i);
            }
        }
        if (more) {
            x.store(next, thread);
            w.store(next + kInner * X::kPitch, thread);
        }
        __syncthreads();
        float *const swap = now;
        now = next;
        next = swap;
    }
}

template <gemm_tile Tile> __device__ __forceinline__ void run(const pb_cuda_gemm &p) {
    const int thread = static_cast<int>(threadIdx.x);
    const places<Tile> place(thread);
    const int64_t first_row = static_cast<int64_t>(blockIdx.x) * Tile.rows;
    const int64_t first_column = static_cast<int64_t>(blockIdx.y) * Tile.columns;
    const bool transposed = p.transposed != 0;
    const float *weight = p.weight + (transposed ? p.inner_begin : p.inner_begin * p.weight_stride);
    operand<Tile.rows, Tile.inner, Tile.threads()> x(p.x, p.x_stride, first_row, p.rows, p.inner, true, thread);
    operand<Tile.columns, Tile.inner, Tile.threads()> w(weight, p.weight_stride, first_column, p.columns, p.inner,
                                                        transposed, thread);
    float sum[Tile.thread_rows][Tile.thread_columns] = {};
    multiply<Tile>(x, w, p.inner, sum);
    PB_UNROLL
    for (int i = 0; i < Tile.thread_rows; ++i) {
        const int64_t row = first_row + places<Tile>::row_spread::line(place.row, i);
        PB_UNROLL
        for (int j = 0; j < Tile.thread_columns; ++j) {
            const int64_t column = first_column + places<Tile>::column_spread::line(place.column, j);
            if (row < p.rows && column < p.columns) {
                p.out[row * p.out_stride + column] = p.bias == nullptr ? sum[i][j] : sum[i][j] + p.bias[column];
            }
        }
    }
}

/* One expert's rows of a tile. */
struct expert_tile {
    int32_t expert; /* -1: none is left for this block */
    int64_t first;  /* place in the order */
    int64_t rows;
};

/* Tiles are counted expert by expert; every warp finds the block's own, 32 experts at a time. */
template <int Rows> __device__ __forceinline__ expert_tile tile_of(const pb_cuda_gemm_experts &p, int32_t tile) {
    const int lane = static_cast<int>(threadIdx.x) % kWarp;
    for (int32_t first = 0; first < p.experts; first += kWarp) {
        const int32_t expert = first + lane;
        const int32_t begin = expert < p.experts ? p.begin[expert] : 0;
        const int32_t rows = expert < p.experts ? p.begin[expert + 1] - begin : 0;
        const int32_t tiles = (rows + Rows - 1) / Rows;
        int32_t before = 0; /* tiles of the lanes below */
        int32_t all = 0;
        PB_UNROLL_BY(1)
        for (int other = 0; other < kWarp; ++other) {
            const int32_t its = __shfl_sync(kFullWarp, tiles, other);
            before += other < lane ? its : 0;
            all += its;
        }
        if (tile < all) {
            const unsigned has = __ballot_sync(kFullWarp, tile >= before && tile < before + tiles);
            int source = 0;
            for (; (has >> source & 1u) == 0; ++source) {
            }
            const int32_t at = (tile - __shfl_sync(kFullWarp, before, source)) * Rows;
            const int32_t left = __shfl_sync(kFullWarp, rows, source) - at;
            return {first + source, __shfl_sync(kFullWarp, begin, source) + at, left < Rows ? left : Rows};
        }
        tile -= all;
    }
    return {-1, 0, 0};
}

template <gemm_tile Tile> __device__ __forceinline__ void run_experts(const pb_cuda_gemm_experts &p) {
    const expert_tile mine = tile_of<Tile.rows>(p, static_cast<int32_t>(blockIdx.x));
    if (mine.expert < 0) {
        return;
    }
    const int thread = static_cast<int>(threadIdx.x);
    const places<Tile> place(thread);
    const int64_t first_column = static_cast<int64_t>(blockIdx.y) * Tile.columns;
    const int32_t *order = p.order + mine.first;
    listed_operand<Tile.rows, Tile.inner, Tile.threads()> x(p.x, p.x_stride, order, p.share, mine.rows, p.inner, thread);
    operand<Tile.columns, Tile.inner, Tile.threads()> w(p.weight + mine.expert * p.weight_step, p.weight_stride,
                                                        first_column, p.columns, p.inner, p.transposed != 0, thread);
    float sum[Tile.thread_rows][Tile.thread_columns] = {};
    multiply<Tile>(x, w, p.inner, sum);
    const float *bias = p.bias == nullptr ? nullptr : p.bias + mine.expert * p.columns;
    PB_UNROLL
    for (int i = 0; i < Tile.thread_rows; ++i) {
        const int row = places<Tile>::row_spread::line(place.row, i);
        if (row >= mine.rows) {
            continue;
        }
        float *out = p.out + order[row] * p.out_stride;
        PB_UNROLL
        for (int j = 0; j < Tile.thread_columns; ++j) {
            const int64_t column = first_column + places<Tile>::column_spread::line(place.column, j);
            if (column < p.columns) {
                out[column] = bias == nullptr ? sum[i][j] : sum[i][j] + bias[column];
            }
        }
    }
}

} // namespace pb::gemm

PB_KERNEL(gemm_f32, pb_cuda_gemm, 128) { pb::gemm::run<pb::kGemmLarge>(p); }
PB_KERNEL(gemm_f32_medium, pb_cuda_gemm, 128) { pb::gemm::run<pb::kGemmMedium>(p); }
PB_KERNEL(gemm_f32_small, pb_cuda_gemm, 128) { pb::gemm::run<pb::kGemmSmall>(p); }

PB_KERNEL(gemm_experts_f32, pb_cuda_gemm_experts, 128) { pb::gemm::run_experts<pb::kGemmMedium>(p); }
PB_KERNEL(gemm_experts_f32_small, pb_cuda_gemm_experts, 128) { pb::gemm::run_experts<pb::kGemmSmall>(p); }
