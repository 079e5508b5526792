/* Matrix products: packing of weights, splitting of one or several products into tasks. */
#include "device.h"

#include <algorithm>
#include <vector>

using namespace patchbay;

namespace {

constexpr int64_t panels_of(int64_t columns) { return columns / kPanel + (columns % kPanel != 0); }

bool valid(const pb_gemm &g) {
    if (g.rows < 0 || g.inner < 0 || g.columns < 0 || g.inner_begin < 0 || g.weight_inner < 0 ||
        g.inner_begin > g.weight_inner - g.inner) {
        return false;
    }
    if (g.rows == 0 || g.columns == 0) {
        return true;
    }
    const bool strides = g.rows == 1 || (g.x_stride >= g.inner && g.out_stride >= g.columns);
    return strides && g.out != nullptr && (g.inner == 0 || (g.x != nullptr && g.weight != nullptr));
}

/*
 * Tasks of one product: row blocks x column chunks. Chunks are multiples of four panels (a tile's most), wide enough that
 * copying x costs nothing and narrow enough that a block of `out` rests in the second cache and threads get equal shares.
 */
struct split {
    int64_t row_blocks;
    int64_t chunk_panels;
    int64_t chunks;

    split(const pb_gemm &g, int threads, int64_t count) {
        const int64_t panels = panels_of(g.columns);
        row_blocks = (g.rows + kGemmRows - 1) / kGemmRows;
        const int64_t wanted = threads == 1 ? 1 : (4 * threads + row_blocks * count - 1) / (row_blocks * count);
        const int64_t share = (panels + wanted - 1) / wanted;
        chunk_panels = std::clamp<int64_t>((share + 3) / 4 * 4, 4, kGemmPanels);
        chunks = (panels + chunk_panels - 1) / chunk_panels;
    }
    int64_t tasks() const { return row_blocks * chunks; }

    /* Tasks of one row block lie side by side. */
    gemm_task task(const pb_gemm &g, int64_t index) const {
        const int64_t block = index / chunks;
        const int64_t chunk = index % chunks;
        return {&g, g.rows * block / row_blocks, g.rows * (block + 1) / row_blocks, chunk * chunk_panels,
                std::min((chunk + 1) * chunk_panels, panels_of(g.columns))};
    }
};

} // namespace

int64_t pb_cpu_packed_size(int64_t inner, int64_t columns) {
    if (inner < 0 || columns < 0) {
        return -1;
    }
    const int64_t panels = panels_of(columns);
    int64_t row = 0;
    int64_t size = 0;
    return __builtin_mul_overflow(panels, kPanel, &row) || __builtin_mul_overflow(row, inner, &size) ? -1 : size;
}

int32_t pb_cpu_pack_weight(pb_cpu_device *device, const pb_pack *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_pack &p = *params;
        const int64_t shortest = p.source_transposed != 0 ? p.inner : p.columns;
        if (pb_cpu_packed_size(p.inner, p.columns) < 0 || p.stride < shortest) {
            return PB_INVALID_ARGUMENT;
        }
        if (p.inner == 0 || p.columns == 0) {
            return PB_OK;
        }
        if (p.raw == nullptr || p.packed == nullptr) {
            return PB_INVALID_ARGUMENT;
        }
        const int64_t k_step = p.source_transposed != 0 ? 1 : p.stride;
        const int64_t n_step = p.source_transposed != 0 ? p.stride : 1;
        device->over_rows(panels_of(p.columns), p.inner * kPanel, [&](int64_t begin, int64_t end) {
            for (int64_t panel = begin; panel < end; ++panel) {
                const int64_t width = std::min(kPanel, p.columns - panel * kPanel);
                float *to = p.packed + panel * p.inner * kPanel;
                for (int64_t k = 0; k < p.inner; ++k, to += kPanel) {
                    const float *from = p.raw + k * k_step + panel * kPanel * n_step;
                    for (int64_t n = 0; n < width; ++n) {
                        to[n] = from[n * n_step];
                    }
                    std::fill(to + width, to + kPanel, 0.0f);
                }
            }
        });
        return PB_OK;
    });
}

int32_t pb_cpu_gemm(pb_cpu_device *device, const pb_gemm *params, int64_t count) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || count < 0 || (count > 0 && params == nullptr) ||
            !std::all_of(params, params + count, valid)) {
            return PB_INVALID_ARGUMENT;
        }
        for (int worker = 0; worker < device->pool.threads(); ++worker) {
            device->scratch[static_cast<size_t>(worker)].at_least(kGemmScratch);
        }
        std::vector<split> splits;
        std::vector<int64_t> first_task{0};
        int64_t work = 0;
        for (int64_t i = 0; i < count; ++i) {
            splits.emplace_back(params[i], device->pool.threads(), count);
            first_task.push_back(first_task.back() + splits.back().tasks());
            work += params[i].rows * params[i].inner * params[i].columns / kPanel;
        }
        device->pool.run(first_task.back(), work > kInlineWork, [&](int64_t task, int worker) {
            const auto after = std::upper_bound(first_task.begin(), first_task.end(), task);
            const auto product = static_cast<size_t>(after - first_task.begin() - 1);
            device->kernels.gemm(splits[product].task(params[product], task - first_task[product]),
                                 device->scratch[static_cast<size_t>(worker)].at_least(kGemmScratch));
        });
        return PB_OK;
    });
}

int32_t pb_cpu_gemm_chosen(pb_cpu_device *device, const pb_gemm_chosen *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || params->count < 0 || params->inner < 0 || params->columns < 0 ||
            params->x_stride < 0) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_gemm_chosen &p = *params;
        if (p.count == 0) {
            return PB_OK;
        }
        if (p.row == nullptr || p.column == nullptr || p.out == nullptr ||
            (p.inner > 0 && (p.x == nullptr || p.weight == nullptr))) {
            return PB_INVALID_ARGUMENT;
        }
        std::vector<int64_t> order(static_cast<size_t>(p.count));
        for (int64_t i = 0; i < p.count; ++i) {
            if (p.row[i] < 0 || p.column[i] < 0 || p.column[i] >= p.columns) {
                return PB_INVALID_ARGUMENT;
            }
            order[static_cast<size_t>(i)] = i;
        }
        std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
            return p.column[a] != p.column[b] ? p.column[a] < p.column[b] : a < b;
        });
        device->over_rows(p.count, 4 * p.inner, [&](int64_t begin, int64_t end) {
            device->kernels.gemm_chosen(p, order.data(), begin, end);
        });
        return PB_OK;
    });
}
