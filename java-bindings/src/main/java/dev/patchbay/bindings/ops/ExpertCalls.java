package dev.patchbay.bindings.ops;

import dev.patchbay.bindings.NativeCodes;
import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.bindings.ops.NativeDevice.Operation;
import dev.patchbay.device.DType;
import dev.patchbay.device.Ops.ExpertGemm;
import dev.patchbay.device.Ops.RouteKind;
import dev.patchbay.device.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the operations of mixtures of experts and hands them to the device; callers have entered it. */
record ExpertCalls(NativeDevice device, Arguments arguments) {

    void route(RouteKind kind, Tensor logits, Tensor weights, Tensor index) {
        long chosen = weights.columns();
        if (chosen < 1 || chosen > logits.columns() || logits.columns() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "weights has %s columns: expected 1 to the %s experts".formatted(chosen, logits.columns()));
        }
        Arguments.requireShape("index", index, logits.rows(), chosen);
        StructWriter writer = device.parameters()
                .begin(NativeStructs.ROUTE)
                .pointer("logits", arguments.floats("logits", logits))
                .pointer("weights", arguments.dense("weights", weights, logits.rows(), chosen))
                .pointer("index", arguments.integersWritten("index", index))
                .int64("rows", logits.rows())
                .int64("logits_stride", Arguments.stride(logits))
                .int32("experts", (int) logits.columns())
                .int32("chosen", (int) chosen)
                .int32("kind", NativeCodes.code(kind));
        Aliasing.requireDisjoint("weights", weights, "logits", logits);
        Aliasing.requireDisjoint("index", index, "logits", logits);
        Aliasing.requireDisjoint("index", index, "weights", weights);
        run(Operation.ROUTE, writer, logits.rows());
    }

    void rows(Tensor index, Tensor begin, Tensor order) {
        long count = index.size();
        if (begin.columns() < 2 || begin.columns() > Integer.MAX_VALUE || count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("begin has %s columns for %s assignments: expected one more than experts"
                    .formatted(begin.columns(), count));
        }
        Arguments.requireShape("begin", begin, 1, begin.columns());
        Arguments.requireShape("order", order, 1, count);
        StructWriter writer = device.parameters()
                .begin(NativeStructs.EXPERT_ROWS)
                .pointer("index", arguments.dense("index", index, DType.I32))
                .pointer("begin", arguments.integersWritten("begin", begin))
                .pointer("order", arguments.integersWritten("order", order))
                .int64("count", count)
                .int32("experts", (int) begin.columns() - 1);
        Aliasing.requireDisjoint("begin", begin, "index", index);
        Aliasing.requireDisjoint("order", order, "index", index);
        Aliasing.requireDisjoint("order", order, "begin", begin);
        run(Operation.EXPERT_ROWS, writer, 1);
    }

    void gemm(ExpertGemm product) {
        NativeWeight weight = arguments.weight("weight", product.weight());
        device.weightForm().prepareExperts(weight);
        Tensor x = product.x();
        Tensor out = product.out();
        long count = Math.multiplyExact(x.rows(), product.share());
        if (product.share() < 1 || x.columns() != weight.inner() || count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("x is %s x %s, each row for %s assignments, the weights have %s rows"
                    .formatted(x.rows(), x.columns(), product.share(), weight.inner()));
        }
        StructWriter writer = device.parameters()
                .begin(device.weightForm().gemmExperts())
                .pointer("x", arguments.floats("x", x))
                .pointer("bias", arguments.denseOrNull("bias", product.bias(), weight.matrices(), weight.columns()))
                .pointer("out", arguments.floats("out", out, count, weight.columns()))
                .pointer("begin", arguments.integers("begin", product.begin(), weight.matrices() + 1L))
                .pointer("order", arguments.integers("order", product.order(), count))
                .int64("count", count)
                .int64("inner", x.columns())
                .int64("columns", out.columns())
                .int64("x_stride", Arguments.stride(x))
                .int64("out_stride", Arguments.stride(out))
                .int32("experts", weight.matrices())
                .int32("share", product.share());
        device.weightForm().writeExperts(writer, weight);
        Aliasing.requireDisjoint("out", out, "x", x);
        Aliasing.requireDisjoint("out", out, "bias", product.bias());
        for (Tensor read : List.of(weight.raw(), product.begin(), product.order())) {
            Aliasing.requireDisjoint("out", out, "what is read", read);
        }
        run(Operation.GEMM_EXPERTS, writer, out.size());
    }

    void mix(Tensor weights, Tensor parts, @Nullable Tensor addend, Tensor out) {
        long count = weights.columns();
        if (count < 1 || count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("weights has %s columns: expected one a part".formatted(count));
        }
        StructWriter writer = device.parameters()
                .begin(NativeStructs.MIX)
                .pointer("weights", arguments.floats("weights", weights, out.rows(), count))
                .pointer("y", arguments.floats("parts", parts, out.rows(), Math.multiplyExact(count, out.columns())))
                .pointer("addend", addend == null ? 0 : arguments.floats("addend", addend, out.rows(), out.columns()))
                .pointer("out", arguments.floats("out", out))
                .int64("rows", out.rows())
                .int64("columns", out.columns())
                .int64("weights_stride", Arguments.stride(weights))
                .int64("y_stride", Arguments.stride(parts))
                .int64("addend_stride", addend == null ? 0 : Arguments.stride(addend))
                .int64("out_stride", Arguments.stride(out))
                .int32("parts", (int) count);
        Aliasing.requireDisjoint("out", out, "weights", weights);
        Aliasing.requireDisjoint("out", out, "parts", parts);
        Aliasing.requireSameOrDisjoint("out", out, "addend", addend);
        run(Operation.MIX, writer, out.size());
    }

    /** Ends the struct and runs the operation, unless there is nothing to do. */
    private void run(Operation operation, StructWriter writer, long work) {
        long parameters = writer.end();
        if (work > 0) {
            device.run(operation, parameters, 1);
        }
    }
}
