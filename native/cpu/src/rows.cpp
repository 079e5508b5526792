/* Operations that take each row alone: norms, rotary positions, activations, combinations, gather, log-softmax. */
#include "device.h"

#include <algorithm>
#include <cstring>

using namespace patchbay;

namespace {

bool stride_fits(int64_t rows, int64_t stride, int64_t columns) { return rows <= 1 || stride >= columns; }

} // namespace

int32_t pb_cpu_norm(pb_cpu_device *device, const pb_norm *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || params->rows < 0 || params->groups < 0 || params->width < 0 ||
            params->kind < PB_NORM_LAYER || params->kind > PB_NORM_IDENTITY) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_norm &p = *params;
        const int64_t columns = static_cast<int64_t>(p.groups) * p.width;
        if (p.rows == 0 || columns == 0) {
            return PB_OK;
        }
        if (p.x == nullptr || p.out == nullptr || p.scale == nullptr || !stride_fits(p.rows, p.x_stride, columns) ||
            !stride_fits(p.rows, p.out_stride, columns)) {
            return PB_INVALID_ARGUMENT;
        }
        device->over_rows(p.rows * p.groups, p.width, [&](int64_t begin, int64_t end) {
            device->kernels.norm(p, begin, end);
        });
        return PB_OK;
    });
}

int32_t pb_cpu_rope(pb_cpu_device *device, const pb_rope *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || params->rows < 0 || params->heads < 0 || params->d_head < 0 ||
            params->rotary < 0 || params->rotary > params->d_head || params->rotary % 2 != 0 ||
            (params->pairing != PB_ROPE_HALF && params->pairing != PB_ROPE_PAIR)) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_rope &p = *params;
        const int64_t columns = static_cast<int64_t>(p.heads) * p.d_head;
        if (p.rows == 0 || columns == 0) {
            return PB_OK;
        }
        if (p.x == nullptr || p.out == nullptr || p.positions == nullptr ||
            (p.rotary > 0 && (p.cosine == nullptr || p.sine == nullptr)) ||
            !stride_fits(p.rows, p.x_stride, columns) || !stride_fits(p.rows, p.out_stride, columns) ||
            std::any_of(p.positions, p.positions + p.rows, [](int32_t position) { return position < 0; })) {
            return PB_INVALID_ARGUMENT;
        }
        device->over_rows(p.rows, columns / 2, [&](int64_t begin, int64_t end) { device->kernels.rope(p, begin, end); });
        return PB_OK;
    });
}

int32_t pb_cpu_activation(pb_cpu_device *device, const pb_activation *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || params->rows < 0 || params->columns < 0 ||
            params->kind < PB_ACT_GELU_ERF || params->kind > PB_ACT_CLAMPED_SWIGLU) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_activation &p = *params;
        if (p.rows == 0 || p.columns == 0) {
            return PB_OK;
        }
        if (p.x == nullptr || p.out == nullptr || !stride_fits(p.rows, p.x_stride, p.columns) ||
            !stride_fits(p.rows, p.out_stride, p.columns) ||
            (p.linear != nullptr && !stride_fits(p.rows, p.linear_stride, p.columns))) {
            return PB_INVALID_ARGUMENT;
        }
        device->over_rows(p.rows, 3 * p.columns, [&](int64_t begin, int64_t end) {
            device->kernels.activation(p, begin, end);
        });
        return PB_OK;
    });
}

int32_t pb_cpu_combine(pb_cpu_device *device, const pb_combine *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || params->rows < 0 || params->columns < 0 ||
            params->kind < PB_COMBINE_ADD || params->kind > PB_COMBINE_CLAMP) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_combine &p = *params;
        if (p.rows == 0 || p.columns == 0) {
            return PB_OK;
        }
        const bool reads_b = p.kind == PB_COMBINE_ADD;
        if (p.a == nullptr || p.out == nullptr || (reads_b && p.b == nullptr) ||
            !stride_fits(p.rows, p.a_stride, p.columns) || !stride_fits(p.rows, p.out_stride, p.columns) ||
            (reads_b && !stride_fits(p.rows, p.b_stride, p.columns))) {
            return PB_INVALID_ARGUMENT;
        }
        device->over_rows(p.rows, p.columns / 2, [&](int64_t begin, int64_t end) {
            device->kernels.combine(p, begin, end);
        });
        return PB_OK;
    });
}

int32_t pb_cpu_gather(pb_cpu_device *device, const pb_gather *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || params->rows < 0 || params->columns < 0) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_gather &p = *params;
        if (p.rows == 0 || p.columns == 0) {
            return PB_OK;
        }
        const auto negative = [](int32_t index) { return index < 0; };
        if (p.src == nullptr || p.dst == nullptr || !stride_fits(p.rows, p.dst_stride, p.columns) || p.src_stride < 0 ||
            (p.src_index != nullptr && std::any_of(p.src_index, p.src_index + p.rows, negative)) ||
            (p.dst_index != nullptr && std::any_of(p.dst_index, p.dst_index + p.rows, negative))) {
            return PB_INVALID_ARGUMENT;
        }
        device->over_rows(p.rows, p.columns / 2, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) {
                const int64_t from = p.src_index == nullptr ? i : p.src_index[i];
                const int64_t to = p.dst_index == nullptr ? i : p.dst_index[i];
                std::memcpy(p.dst + to * p.dst_stride, p.src + from * p.src_stride,
                            static_cast<size_t>(p.columns) * sizeof(float));
            }
        });
        return PB_OK;
    });
}

int32_t pb_cpu_log_softmax(pb_cpu_device *device, const pb_log_softmax *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || params->rows < 0 || params->columns < 0) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_log_softmax &p = *params;
        if (p.rows == 0 || p.columns == 0) {
            return PB_OK;
        }
        if (p.x == nullptr || p.out == nullptr || !stride_fits(p.rows, p.x_stride, p.columns) ||
            !stride_fits(p.rows, p.out_stride, p.columns)) {
            return PB_INVALID_ARGUMENT;
        }
        device->over_rows(p.rows, 2 * p.columns, [&](int64_t begin, int64_t end) {
            device->kernels.log_softmax(p, begin, end);
        });
        return PB_OK;
    });
}
