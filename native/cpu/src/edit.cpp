/* Edits of matrix rows: checks, and the split between threads at the borders of tokens. */
#include "device.h"

#include <algorithm>
#include <vector>

using namespace patchbay;

namespace {

bool valid(const pb_edit &p, const pb_edit_entry &entry) {
    const bool projects = entry.op == PB_EDIT_PROJECT_OUT || entry.op == PB_EDIT_PROJECT_SWAP;
    const bool reads_values = entry.op != PB_EDIT_FILL && entry.op != PB_EDIT_SCALE && entry.op != PB_EDIT_PROJECT_OUT;
    return entry.op >= PB_EDIT_FILL && entry.op <= PB_EDIT_PROJECT_SWAP && entry.token >= 0 && entry.column >= 0 &&
           entry.count >= 0 && entry.rank >= 0 && entry.rank <= 8 && entry.source >= 0 && entry.basis >= 0 &&
           (!reads_values || p.values != nullptr || entry.count == 0) &&
           (!projects || p.bases != nullptr || entry.rank == 0 || entry.count == 0);
}

} // namespace

int32_t pb_cpu_edit(pb_cpu_device *device, const pb_edit *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || params->entry_count < 0) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_edit &p = *params;
        if (p.entry_count == 0) {
            return PB_OK;
        }
        if (p.x == nullptr || p.entries == nullptr || p.change == nullptr || p.x_stride < 0) {
            return PB_INVALID_ARGUMENT;
        }
        std::vector<int64_t> first; /* first entry of each token */
        int64_t work = 0;
        for (int64_t i = 0; i < p.entry_count; ++i) {
            const pb_edit_entry &entry = p.entries[i];
            if (!valid(p, entry) || (i > 0 && entry.token < p.entries[i - 1].token)) {
                return PB_INVALID_ARGUMENT;
            }
            if (i == 0 || entry.token != p.entries[i - 1].token) {
                first.push_back(i);
            }
            work += entry.count * (1 + entry.rank);
        }
        const auto tokens = static_cast<int64_t>(first.size());
        first.push_back(p.entry_count);
        device->over_rows(tokens, work / tokens, [&](int64_t begin, int64_t end) {
            device->kernels.edit(p, first[static_cast<size_t>(begin)], first[static_cast<size_t>(end)]);
        });
        return PB_OK;
    });
}
