package dev.patchbay.bench.border;

import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;

/** A kernel's struct of ten fields, written as operations write it: each by its name, every one checked. */
final class CombineStruct {
    private CombineStruct() {}

    /** Writes one at the start of the writer's memory; returns its address. */
    static long write(StructWriter writer, long address, int rows, float factor) {
        return writer.reset()
                .begin(NativeStructs.COMBINE)
                .pointer("a", address)
                .pointer("b", 0)
                .pointer("out", address)
                .int64("rows", rows)
                .int64("columns", 768)
                .int64("a_stride", 768)
                .int64("b_stride", 0)
                .int64("out_stride", 768)
                .int32("kind", 1)
                .float32("factor", factor)
                .end();
    }
}
