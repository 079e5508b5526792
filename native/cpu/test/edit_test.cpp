/* Edits of matrix rows: every operation against float64, order within a token, the reported change. */
#include "check.h"
#include "stories.h"

namespace {

using check::floats;

constexpr int64_t kStride = 200;

/* Orthonormal rows: rank x count, Gram-Schmidt in float64. */
floats orthonormal(int64_t rank, int64_t count) {
    const floats start = check::random_floats(rank * count, 40);
    std::vector<double> rows(start.begin(), start.end());
    const auto dot = [&](int64_t a, int64_t b) {
        double sum = 0;
        for (int64_t i = 0; i < count; ++i) {
            sum += rows[static_cast<size_t>(a * count + i)] * rows[static_cast<size_t>(b * count + i)];
        }
        return sum;
    };
    for (int64_t r = 0; r < rank; ++r) {
        for (int64_t s = 0; s < r; ++s) {
            const double share = dot(r, s);
            for (int64_t i = 0; i < count; ++i) {
                rows[static_cast<size_t>(r * count + i)] -= share * rows[static_cast<size_t>(s * count + i)];
            }
        }
        const double length = std::sqrt(dot(r, r));
        for (int64_t i = 0; i < count; ++i) {
            rows[static_cast<size_t>(r * count + i)] /= length;
        }
    }
    return floats(rows.begin(), rows.end());
}

void apply(std::vector<double> &x, const pb_edit_entry &entry, const floats &values, const floats &bases) {
    const auto place = [&](int64_t i) { return static_cast<size_t>(entry.token * kStride + entry.column + i); };
    const auto value = [&](int64_t i) { return static_cast<double>(values[static_cast<size_t>(entry.source + i)]); };
    const double f = static_cast<double>(entry.factor);
    std::vector<double> before;
    for (int64_t i = 0; i < entry.count; ++i) {
        before.push_back(x[place(i)]);
    }
    for (int64_t i = 0; i < entry.count; ++i) {
        double &now = x[place(i)];
        switch (entry.op) {
        case PB_EDIT_FILL:
            now = f;
            break;
        case PB_EDIT_REPLACE:
            now = value(i);
            break;
        case PB_EDIT_ADD:
            now += f * value(i);
            break;
        case PB_EDIT_SCALE:
            now *= f;
            break;
        case PB_EDIT_INTERPOLATE:
            now += f * (value(i) - now);
            break;
        default:
            for (int32_t b = 0; b < entry.rank; ++b) {
                const float *basis = bases.data() + entry.basis + b * entry.count;
                double dot = 0;
                for (int64_t j = 0; j < entry.count; ++j) {
                    const double target = entry.op == PB_EDIT_PROJECT_SWAP ? value(j) : 0;
                    dot += (target - before[static_cast<size_t>(j)]) * static_cast<double>(basis[j]);
                }
                now += dot * static_cast<double>(basis[i]);
            }
        }
    }
}

void everyEditFollowsFloat64() {
    for (const int32_t count : {1, 15, 17, 64, 97}) {
        const int32_t rank = count < 8 ? 1 : 8, tokens = 300;
        const floats x = check::random_matrix(tokens, kStride, kStride, 41);
        const floats values = check::random_floats(count + 11, 42);
        const floats bases = orthonormal(rank, count);
        std::vector<pb_edit_entry> entries;
        for (int32_t token = 0; token < tokens; ++token) {
            for (int32_t op = 0; op < 1 + token % 7; ++op) {
                entries.push_back({token, (token + op) % 100, count, (token + op) % 7, op, 0, rank, 0.5f});
            }
        }
        floats change;
        const floats out = check::same_on_all("edit", [&](pb_cpu_device *device) {
            floats result = x;
            change.assign(entries.size(), check::kNaN);
            const pb_edit edit{result.data(), entries.data(), values.data(), bases.data(), change.data(),
                               static_cast<int64_t>(entries.size()), kStride};
            check::ok(pb_cpu_edit(device, &edit), "edit");
            return result;
        });
        std::vector<double> want(x.begin(), x.end());
        for (size_t e = 0; e < entries.size(); ++e) {
            const std::vector<double> before = want;
            apply(want, entries[e], values, bases);
            double largest = 0;
            for (int64_t i = 0; i < count; ++i) {
                const auto at = static_cast<size_t>(entries[e].token * kStride + entries[e].column + i);
                largest = std::fmax(largest, std::fabs(want[at] - before[at]));
            }
            check::near(change[e], largest, 1e-5, "change");
        }
        for (size_t i = 0; i < want.size(); ++i) {
            check::near(out[i], want[i], 1e-5, "edit of " + std::to_string(count));
        }
    }
}

void aReplacementByItselfChangesNothing() {
    const floats x = check::random_floats(kStride, 43);
    for (pb_cpu_device *device : check::devices()) {
        floats result = x;
        float change[2] = {check::kNaN, check::kNaN};
        const pb_edit_entry entries[2] = {{0, 3, 97, PB_EDIT_REPLACE, 3, 0, 0, 0}, {0, 3, 97, PB_EDIT_SCALE, 0, 0, 0, 1}};
        const pb_edit edit{result.data(), entries, x.data(), nullptr, change, 2, kStride};
        check::ok(pb_cpu_edit(device, &edit), "edit");
        check::that(check::same_bits(x, result) && change[0] == 0.0f && change[1] == 0.0f, "identity");
    }
}

void aNaNIsReported() {
    for (pb_cpu_device *device : check::devices()) {
        for (const size_t place : {size_t{0}, size_t{20}, size_t{49}}) {
            floats x(50, 1.0f);
            floats values(50, 2.0f);
            values[place] = check::kNaN;
            float change = 0;
            const pb_edit_entry entry{0, 0, 50, PB_EDIT_ADD, 0, 0, 0, 1.0f};
            const pb_edit edit{x.data(), &entry, values.data(), nullptr, &change, 1, 50};
            check::ok(pb_cpu_edit(device, &edit), "edit");
            check::that(std::isnan(change), "the change is NaN");
        }
    }
}

void unsortedEntriesAndKnockoutsAreRefused() {
    floats x(50, 1.0f);
    float change[2];
    pb_edit_entry entries[2] = {{1, 0, 5, PB_EDIT_FILL, 0, 0, 0, 0}, {0, 0, 5, PB_EDIT_FILL, 0, 0, 0, 0}};
    const pb_edit edit{x.data(), entries, nullptr, nullptr, change, 2, 25};
    check::that(pb_cpu_edit(check::devices().front(), &edit) == PB_INVALID_ARGUMENT, "unsorted");
    entries[0].token = 0;
    check::ok(pb_cpu_edit(check::devices().front(), &edit), "sorted");
    entries[1].op = PB_EDIT_KNOCKOUT;
    check::that(pb_cpu_edit(check::devices().front(), &edit) == PB_INVALID_ARGUMENT, "knockout of a matrix");
}

} // namespace

void edit_stories() {
    check::story("everyEditFollowsFloat64", everyEditFollowsFloat64);
    check::story("aReplacementByItselfChangesNothing", aReplacementByItselfChangesNothing);
    check::story("aNaNIsReported", aNaNIsReported);
    check::story("unsortedEntriesAndKnockoutsAreRefused", unsortedEntriesAndKnockoutsAreRefused);
}
