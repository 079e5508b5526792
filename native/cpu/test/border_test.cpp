/* The C border: life of a device, layout table, argument checks, memory, the pool under load. */
#include <atomic>
#include <cstddef>

#include "../src/pool.h"
#include "check.h"
#include "stories.h"

namespace {

void deviceResolvesItsInstructionSet() {
    check::that(pb_cpu_abi_version() == PB_CPU_ABI_VERSION, "version");
    check::that(pb_cpu_supported_isa(PB_ISA_AUTO) != 0, "no instruction set");
    check::that(pb_cpu_supported_isa(7) == 0, "an unknown instruction set is not supported");
    pb_cpu_device *device = nullptr;
    check::ok(pb_cpu_create(0, PB_ISA_AUTO, &device), "create");
    check::that(pb_cpu_threads(device) >= 1 && pb_cpu_isa(device) == pb_cpu_supported_isa(PB_ISA_AUTO), "device");
    pb_cpu_destroy(device);
    check::that(pb_cpu_create(-1, PB_ISA_AUTO, &device) == PB_INVALID_ARGUMENT, "negative threads");
    check::that(pb_cpu_create(1, 3, &device) == PB_INVALID_ARGUMENT, "unknown instruction set");
    check::that(pb_cpu_create(1, PB_ISA_AUTO, nullptr) == PB_INVALID_ARGUMENT, "null device");
}

void layoutTableKnowsStructsAndFields() {
    check::that(pb_cpu_struct_size("pb_attention") == sizeof(pb_attention), "size of pb_attention");
    check::that(pb_cpu_struct_size("pb_row") == 16, "size of pb_row");
    check::that(pb_cpu_struct_size("pb_gem") == -1 && pb_cpu_struct_size(nullptr) == -1, "unknown struct");
    check::that(pb_cpu_field_offset("pb_attention", "alibi_positions") ==
                    static_cast<int64_t>(offsetof(pb_attention, alibi_positions)),
                "last field of pb_attention");
    check::that(pb_cpu_field_offset("pb_mix", "parts") == 80, "last field but one of the last struct");
    check::that(pb_cpu_field_offset("pb_gemm", "nothing") == -1, "unknown field");
}

void memoryIsAligned() {
    void *memory = nullptr;
    check::ok(pb_cpu_allocate(100, &memory), "allocate");
    check::that(reinterpret_cast<uintptr_t>(memory) % 64 == 0, "alignment");
    pb_cpu_free(memory);
    check::that(pb_cpu_allocate(0, &memory) == PB_INVALID_ARGUMENT, "no bytes");
    check::that(pb_cpu_allocate(int64_t{1} << 62, &memory) == PB_OUT_OF_MEMORY, "too many bytes");
    check::that(pb_cpu_packed_size(3, 17) == 96, "packed size");
    check::that(pb_cpu_packed_size(int64_t{1} << 40, int64_t{1} << 40) == -1, "packed size overflows");
}

void wrongArgumentsAreRefused() {
    pb_cpu_device *device = check::devices().front();
    float one[64] = {};
    const auto refused = [](int32_t status, const char *what) { check::that(status == PB_INVALID_ARGUMENT, what); };
    pb_gemm gemm{one, one, nullptr, one, 1, 4, 4, 4, 4, 4, 0};
    check::ok(pb_cpu_gemm(device, &gemm, 1), "gemm");
    check::ok(pb_cpu_gemm(device, nullptr, 0), "no gemm");
    refused(pb_cpu_gemm(device, nullptr, 1), "null params");
    refused(pb_cpu_gemm(nullptr, &gemm, 1), "null device");
    gemm.inner_begin = 1;
    refused(pb_cpu_gemm(device, &gemm, 1), "slice behind the weight");
    gemm.inner_begin = 0;
    gemm.rows = -1;
    refused(pb_cpu_gemm(device, &gemm, 1), "negative rows");
    gemm.rows = 1;
    gemm.out = nullptr;
    refused(pb_cpu_gemm(device, &gemm, 1), "null out");

    const pb_row row{0, 1, 0, 0};
    pb_attention attention{};
    attention.q = attention.k = attention.v = one;
    attention.z = attention.lse = one + 32;
    attention.rows = &row;
    attention.row_count = 1;
    attention.heads = attention.kv_heads = 1;
    attention.d_head = 4;
    check::ok(pb_cpu_attention(device, &attention), "attention");
    attention.d_head = 513;
    refused(pb_cpu_attention(device, &attention), "d_head 513");
    attention.d_head = 0;
    refused(pb_cpu_attention(device, &attention), "d_head 0");
    attention.d_head = 4;
    attention.heads = 3;
    attention.kv_heads = 2;
    refused(pb_cpu_attention(device, &attention), "3 heads on 2 kv heads");
    attention.heads = attention.kv_heads = 1;
    attention.label_count = 9;
    refused(pb_cpu_attention(device, &attention), "9 labels");
    attention.label_count = 0;
    const pb_row behind{0, 1, 3, 0};
    attention.rows = &behind;
    refused(pb_cpu_attention(device, &attention), "start without base keys");
    attention.rows = &row;
    const pb_attention_edit twisted[2] = {{1, 0, 0, 1, PB_STAGE_SCORES, PB_EDIT_KNOCKOUT, 0, 0, 0},
                                          {0, 0, 0, 1, PB_STAGE_SCORES, PB_EDIT_KNOCKOUT, 0, 0, 0}};
    attention.edits = twisted;
    attention.edit_change = one;
    attention.edit_count = 2;
    refused(pb_cpu_attention(device, &attention), "unsorted edits");
}

void poolRunsEveryTaskOnce() {
    patchbay::pool pool(3);
    for (int round = 0; round < 2000; ++round) {
        const int64_t count = round % 37;
        std::vector<std::atomic<int>> seen(static_cast<size_t>(count));
        pool.run(count, true, [&](int64_t task, int) { seen[static_cast<size_t>(task)].fetch_add(1); });
        for (const auto &times : seen) {
            check::that(times.load() == 1, "a task ran " + std::to_string(times.load()) + " times");
        }
    }
}

} // namespace

void border_stories() {
    check::story("deviceResolvesItsInstructionSet", deviceResolvesItsInstructionSet);
    check::story("layoutTableKnowsStructsAndFields", layoutTableKnowsStructsAndFields);
    check::story("memoryIsAligned", memoryIsAligned);
    check::story("wrongArgumentsAreRefused", wrongArgumentsAreRefused);
    check::story("poolRunsEveryTaskOnce", poolRunsEveryTaskOnce);
}
