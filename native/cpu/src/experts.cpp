/* Mixtures of experts: routing, assignments by expert, products of the experts, and the sum of what they give. */
#include "device.h"

#include <algorithm>
#include <vector>

using namespace patchbay;

namespace {

bool stride_fits(int64_t rows, int64_t stride, int64_t columns) { return rows <= 1 || stride >= columns; }

bool valid(const pb_gemm_experts &p) {
    if (p.count < 0 || p.inner < 0 || p.columns < 0 || p.experts < 1 || p.share < 1 || p.count % p.share != 0 ||
        p.weight_step < pb_cpu_packed_size(p.inner, p.columns) || pb_cpu_packed_size(p.inner, p.columns) < 0) {
        return false;
    }
    if (p.count == 0 || p.columns == 0) {
        return true;
    }
    return p.out != nullptr && p.begin != nullptr && p.order != nullptr && stride_fits(p.count, p.out_stride, p.columns) &&
           (p.inner == 0 || (p.x != nullptr && p.weight != nullptr && stride_fits(p.count / p.share, p.x_stride, p.inner)));
}

/* Every assignment stands in the order once, or tasks would write over each other. */
bool is_complete(const pb_gemm_experts &p) {
    std::vector<bool> seen(static_cast<size_t>(p.count));
    if (p.begin[0] != 0 || p.begin[p.experts] != p.count || !std::is_sorted(p.begin, p.begin + p.experts + 1)) {
        return false;
    }
    return std::all_of(p.order, p.order + p.count, [&](int32_t assignment) {
        if (assignment < 0 || assignment >= p.count || seen[static_cast<size_t>(assignment)]) {
            return false;
        }
        seen[static_cast<size_t>(assignment)] = true;
        return true;
    });
}

} // namespace

int32_t pb_cpu_route(pb_cpu_device *device, const pb_route *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || params->rows < 0 || params->experts < 1 || params->chosen < 1 ||
            params->chosen > params->experts ||
            (params->kind != PB_ROUTE_SHARE_OF_ALL && params->kind != PB_ROUTE_SHARE_OF_CHOSEN)) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_route &p = *params;
        if (p.rows == 0) {
            return PB_OK;
        }
        if (p.logits == nullptr || p.weights == nullptr || p.index == nullptr ||
            !stride_fits(p.rows, p.logits_stride, p.experts)) {
            return PB_INVALID_ARGUMENT;
        }
        device->over_rows(p.rows, static_cast<int64_t>(p.experts) * (2 + p.chosen), [&](int64_t begin, int64_t end) {
            device->kernels.route(p, begin, end);
        });
        return PB_OK;
    });
}

int32_t pb_cpu_expert_rows(pb_cpu_device *device, const pb_expert_rows *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || params->count < 0 || params->count > INT32_MAX ||
            params->experts < 1 || params->begin == nullptr ||
            (params->count > 0 && (params->index == nullptr || params->order == nullptr))) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_expert_rows &p = *params;
        if (std::any_of(p.index, p.index + p.count, [&](int32_t expert) { return expert < 0 || expert >= p.experts; })) {
            return PB_INVALID_ARGUMENT;
        }
        std::fill(p.begin, p.begin + p.experts + 1, 0);
        for (int64_t a = 0; a < p.count; ++a) {
            ++p.begin[p.index[a] + 1];
        }
        for (int32_t e = 0; e < p.experts; ++e) {
            p.begin[e + 1] += p.begin[e];
        }
        std::vector<int32_t> next(p.begin, p.begin + p.experts);
        for (int64_t a = 0; a < p.count; ++a) {
            p.order[next[static_cast<size_t>(p.index[a])]++] = static_cast<int32_t>(a);
        }
        return PB_OK;
    });
}

int32_t pb_cpu_gemm_experts(pb_cpu_device *device, const pb_gemm_experts *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || !valid(*params)) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_gemm_experts &p = *params;
        if (p.count == 0 || p.columns == 0) {
            return PB_OK;
        }
        if (!is_complete(p)) {
            return PB_INVALID_ARGUMENT;
        }
        for (int worker = 0; worker < device->pool.threads(); ++worker) {
            device->scratch[static_cast<size_t>(worker)].at_least(kGemmOrderedScratch);
        }
        const int64_t panels = (p.columns + kPanel - 1) / kPanel;
        /* Narrow chunks, so that threads get equal shares where one expert has most of the rows. */
        const int64_t chunk = device->pool.threads() == 1 ? kGemmPanels : std::min(kGemmPanels, (panels + 7) / 8 * 4);
        std::vector<pb_gemm> products;
        products.reserve(static_cast<size_t>(p.experts));
        std::vector<gemm_task> tasks;
        for (int32_t e = 0; e < p.experts; ++e) {
            const int64_t rows = p.begin[e + 1] - p.begin[e];
            products.push_back({p.x, p.weight + e * p.weight_step, p.bias == nullptr ? nullptr : p.bias + e * p.columns,
                                p.out, rows, p.inner, p.columns, p.x_stride, p.out_stride, p.inner, 0});
            const int64_t blocks = (rows + kGemmRows - 1) / kGemmRows;
            for (int64_t block = 0; block < blocks; ++block) {
                for (int64_t panel = 0; panel < panels; panel += chunk) {
                    tasks.push_back({&products.back(), p.begin[e] + rows * block / blocks,
                                     p.begin[e] + rows * (block + 1) / blocks, panel, std::min(panel + chunk, panels),
                                     p.order, p.share});
                }
            }
        }
        device->pool.run(static_cast<int64_t>(tasks.size()), p.count * p.inner * panels > kInlineWork,
                         [&](int64_t task, int worker) {
                             device->kernels.gemm(tasks[static_cast<size_t>(task)],
                                                  device->scratch[static_cast<size_t>(worker)].at_least(kGemmOrderedScratch));
                         });
        return PB_OK;
    });
}

int32_t pb_cpu_mix(pb_cpu_device *device, const pb_mix *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || params->rows < 0 || params->columns < 0 || params->parts < 1) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_mix &p = *params;
        if (p.rows == 0 || p.columns == 0) {
            return PB_OK;
        }
        if (p.weights == nullptr || p.y == nullptr || p.out == nullptr || !stride_fits(p.rows, p.weights_stride, p.parts) ||
            !stride_fits(p.rows, p.y_stride, p.parts * p.columns) || !stride_fits(p.rows, p.out_stride, p.columns) ||
            (p.addend != nullptr && !stride_fits(p.rows, p.addend_stride, p.columns))) {
            return PB_INVALID_ARGUMENT;
        }
        device->over_rows(p.rows, p.parts * p.columns, [&](int64_t begin, int64_t end) {
            device->kernels.mix(p, begin, end);
        });
        return PB_OK;
    });
}
