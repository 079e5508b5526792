/*
 * Matrix product: out[r, n] = sum_k x[r, k] * W[k, n] (+ bias[n]), 2 * rows * inner * columns FLOPs.
 *
 * Each element has one accumulator and takes k ascending by fma. The sum runs in blocks of kGemmDepth; between blocks the
 * partial sum rests in `out`, which changes no bit. A block of x is copied to rows of a fixed stride (no cache set
 * conflicts, constant addresses in the inner loop); a block of P panels of the weight is then used for all its rows.
 * The tile (R rows x P panels of 16 columns) keeps its accumulators in registers: per k it loads P vectors of the weight
 * and R scalars of x for R * P fma. While it runs it fetches the
 * panels that come next to the second cache.
 */
#include "kernel_names.h"
#include "vec16.h"

namespace PB_KERNEL_NAMESPACE {

namespace {

struct tile_arguments {
    const float *x;       /* rows of kGemmCopyStride */
    const float *weight;  /* first panel, at the block's first k */
    const float *next;    /* what this tile fetches of the panels that come next */
    int64_t next_step;    /* floats to go on there a k */
    int64_t panel_stride; /* floats between panels */
    int64_t depth;        /* length of this block of the sum */
    float *out;
    int64_t out_stride;
    const float *bias; /* null unless this is the last block */
    int64_t columns;   /* columns left from the first panel on */
    bool first;        /* the sum starts here */
};

template <int R, int P> PB_INLINE void steps(vec16 (&sum)[R][P], const tile_arguments &t) {
    const float *next = t.next;
#pragma GCC unroll 4
    for (int64_t k = 0; k < t.depth; ++k, next += t.next_step) {
        vec16 w[P];
#pragma GCC unroll 8
        for (int p = 0; p < P; ++p) {
            w[p] = load(t.weight + p * t.panel_stride + k * kPanel);
            _mm_prefetch(reinterpret_cast<const char *>(next + p * t.panel_stride), _MM_HINT_T1);
        }
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) {
            const vec16 scalar = set(t.x[r * kGemmCopyStride + k]);
#pragma GCC unroll 8
            for (int p = 0; p < P; ++p) {
                sum[r][p] = fma(scalar, w[p], sum[r][p]);
            }
        }
    }
}

template <int R, int P> void tile(const tile_arguments &t) {
    vec16 sum[R][P];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
        for (int p = 0; p < P; ++p) {
            sum[r][p] = t.first ? zero() : load_up_to(t.out + r * t.out_stride + p * kPanel, t.columns - p * kPanel);
        }
    }
    steps<R, P>(sum, t);
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
        const int64_t left = t.columns - p * kPanel;
        if (t.bias != nullptr) {
            const vec16 bias = load_up_to(t.bias + p * kPanel, left);
#pragma GCC unroll 16
            for (int r = 0; r < R; ++r) {
                sum[r][p] = sum[r][p] + bias;
            }
        }
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) {
            store_up_to(t.out + r * t.out_stride + p * kPanel, sum[r][p], left);
        }
    }
}

using tile_function = void (*)(const tile_arguments &);

#if defined(__AVX512F__)
/* 32 registers: at most 24 accumulators, P weights and a scalar. */
constexpr int kMostRows = 12;
constexpr tile_function one_panel[] = {nullptr,    tile<1, 1>, tile<2, 1>, tile<3, 1>,  tile<4, 1>,  tile<5, 1>, tile<6, 1>,
                                       tile<7, 1>, tile<8, 1>, tile<9, 1>, tile<10, 1>, tile<11, 1>, tile<12, 1>};
constexpr tile_function two_panels[] = {nullptr,    tile<1, 2>, tile<2, 2>, tile<3, 2>,  tile<4, 2>,  tile<5, 2>, tile<6, 2>,
                                        tile<7, 2>, tile<8, 2>, tile<9, 2>, tile<10, 2>, tile<11, 2>, tile<12, 2>};
constexpr tile_function four_panels[] = {nullptr, tile<1, 4>, tile<2, 4>, tile<3, 4>, tile<4, 4>};
constexpr int kRowsOfFour = 4;
constexpr int kRowsOfTwo = 12;
#else
/* 16 registers, two a vector: at most 6 accumulators, a weight and a scalar. */
constexpr int kMostRows = 6;
constexpr tile_function one_panel[] = {nullptr,    tile<1, 1>, tile<2, 1>, tile<3, 1>,
                                       tile<4, 1>, tile<5, 1>, tile<6, 1>};
constexpr tile_function two_panels[] = {nullptr, tile<1, 2>, tile<2, 2>};
constexpr tile_function four_panels[] = {nullptr, tile<1, 4>};
constexpr int kRowsOfFour = 1;
constexpr int kRowsOfTwo = 2;
#endif

/* Panels a tile of this many rows takes at once. */
PB_INLINE int panels_for(int64_t rows) { return rows <= kRowsOfFour ? 4 : rows <= kRowsOfTwo ? 2 : 1; }

PB_INLINE tile_function tile_for(int64_t rows, int panels) {
    return panels == 4 ? four_panels[rows] : panels == 2 ? two_panels[rows] : one_panel[rows];
}

/* Where the task's rows of x and out are. */
PB_INLINE int64_t row_of_x(const gemm_task &task, int64_t row) {
    return task.order == nullptr ? task.row_begin + row : task.order[task.row_begin + row] / task.share;
}

void copy_block(const gemm_task &task, int64_t begin, int64_t rows, int64_t depth, float *to) {
    for (int64_t r = 0; r < rows; ++r) {
        const float *from = task.gemm->x + row_of_x(task, r) * task.gemm->x_stride + begin;
        float *row = to + r * kGemmCopyStride;
        for (int64_t k = 0; k < depth; k += kLanes) {
            store_up_to(row + k, load_up_to(from + k, depth - k), depth - k);
        }
    }
}

} // namespace

void gemm(const gemm_task &task, float *scratch) {
    const pb_gemm &g = *task.gemm;
    const int64_t rows = task.row_end - task.row_begin;
    /* Rows in equal chunks, so that no small one is left over: 64 rows are 6 chunks of 10 or 11. */
    const int64_t chunks = (rows + kMostRows - 1) / kMostRows;
    const int64_t panel_floats = g.weight_inner * kPanel;
    /* Rows of out that lie apart are summed side by side in scratch. */
    const bool apart = task.order != nullptr;
    const int64_t first_column = task.panel_begin * kPanel;
    const int64_t columns = least(task.panel_end * kPanel, g.columns) - first_column;
    float *const out = apart ? scratch + kGemmScratch : g.out + task.row_begin * g.out_stride + first_column;
    const int64_t out_stride = apart ? kGemmPanels * kPanel : g.out_stride;
    int64_t begin = 0;
    do {
        const int64_t depth = least(kGemmDepth, g.inner - begin);
        const bool last = begin + depth >= g.inner;
        copy_block(task, begin, rows, depth, scratch);
        for (int64_t panel = task.panel_begin; panel < task.panel_end;) {
            int panels = panels_for(rows / chunks);
            while (panels > task.panel_end - panel) {
                panels /= 2;
            }
            tile_arguments t;
            t.weight = g.weight + panel * panel_floats + (g.inner_begin + begin) * kPanel;
            t.panel_stride = panel_floats;
            t.depth = depth;
            t.out_stride = out_stride;
            t.bias = last && g.bias != nullptr ? g.bias + panel * kPanel : nullptr;
            t.columns = g.columns - panel * kPanel;
            t.first = begin == 0;
            /* The chunks fetch the next panels together, each its part: the memory has all their time. */
            t.next_step = greatest(kPanel / chunks, 1);
            for (int64_t chunk = 0; chunk < chunks; ++chunk) {
                const int64_t row = rows * chunk / chunks;
                t.x = scratch + row * kGemmCopyStride;
                t.next = t.weight + panels * panel_floats + chunk % (kPanel / t.next_step) * depth * t.next_step;
                t.out = out + row * out_stride + panel * kPanel - first_column;
                tile_for(rows * (chunk + 1) / chunks - row, panels)(t);
            }
            panel += panels;
        }
        begin += depth;
    } while (begin < g.inner);
    for (int64_t row = 0; apart && row < rows; ++row) {
        float *to = g.out + task.order[task.row_begin + row] * g.out_stride + first_column;
        for (int64_t n = 0; n < columns; n += kLanes) {
            store_up_to(to + n, load_up_to(out + row * out_stride + n, columns - n), columns - n);
        }
    }
}

} // namespace PB_KERNEL_NAMESPACE
