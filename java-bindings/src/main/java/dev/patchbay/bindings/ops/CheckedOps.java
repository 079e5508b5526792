package dev.patchbay.bindings.ops;

import dev.patchbay.bindings.NativeCodes;
import dev.patchbay.bindings.NativeStruct;
import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.bindings.ops.NativeDevice.Operation;
import dev.patchbay.device.Attention;
import dev.patchbay.device.DType;
import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.Ops;
import dev.patchbay.device.TableEntry.EditEntry;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Weight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operations over any device of ours: each checks its arguments, writes the struct of {@code patchbay/ops.h} into the
 * device's slab and has the device run it.
 */
public final class CheckedOps implements Ops {
    private final NativeDevice device;
    private final Arguments arguments;
    private final ProductCalls products;
    private final AttentionCall attention;
    private final ExpertCalls experts;

    /** The operations of {@code device}. */
    public CheckedOps(NativeDevice device) {
        this.device = device;
        arguments = new Arguments(device);
        products = new ProductCalls(device, arguments);
        attention = new AttentionCall(device, arguments);
        experts = new ExpertCalls(device, arguments);
    }

    @Override
    public void gemm(List<Gemm> list) {
        try (var _ = device.use()) {
            products.gemm(list);
        }
    }

    @Override
    public void gemmChosen(Tensor x, Weight weight, @Nullable Tensor bias, Tensor row, Tensor column, Tensor out) {
        try (var _ = device.use()) {
            products.chosen(x, weight, bias, row, column, out);
        }
    }

    @Override
    public void attention(Attention call) {
        try (var _ = device.use()) {
            attention.run(call);
        }
    }

    @Override
    public void norm(
            NormKind kind,
            float epsilon,
            float weightOffset,
            int groups,
            Tensor x,
            @Nullable Tensor weight,
            @Nullable Tensor bias,
            Tensor scale,
            Tensor out) {
        try (var _ = device.use()) {
            if (groups < 1 || x.columns() % groups != 0 || x.columns() / groups > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "groups %s do not divide the %s columns of x".formatted(groups, x.columns()));
            }
            long width = x.columns() / groups;
            boolean perGroup = groups > 1 && isPerGroup(weight, bias);
            long weightRows = perGroup ? groups : 1;
            StructWriter writer = begin(NativeStructs.NORM)
                    .pointer("x", arguments.floats("x", x))
                    .pointer("weight", arguments.denseOrNull("weight", weight, weightRows, width))
                    .pointer("bias", arguments.denseOrNull("bias", bias, weightRows, width))
                    .pointer("out", arguments.floats("out", out, x.rows(), x.columns()))
                    .pointer("scale", arguments.dense("scale", scale, x.rows(), groups))
                    .int64("rows", x.rows())
                    .int64("x_stride", Arguments.stride(x))
                    .int64("out_stride", Arguments.stride(out))
                    .int32("groups", groups)
                    .int32("width", (int) width)
                    .int32("kind", NativeCodes.code(kind))
                    .int32("weight_per_group", perGroup ? 1 : 0)
                    .float32("eps", epsilon)
                    .float32("weight_offset", weightOffset);
            Aliasing.requireSameOrDisjoint("out", out, "x", x);
            for (Tensor written : List.of(out, scale)) {
                Aliasing.requireDisjoint("what is written", written, "weight", weight);
                Aliasing.requireDisjoint("what is written", written, "bias", bias);
            }
            Aliasing.requireDisjoint("scale", scale, "x", x);
            Aliasing.requireDisjoint("scale", scale, "out", out);
            run(Operation.NORM, writer, x.size());
        }
    }

    private static boolean isPerGroup(@Nullable Tensor weight, @Nullable Tensor bias) {
        return (weight != null && weight.rows() > 1) || (weight == null && bias != null && bias.rows() > 1);
    }

    @Override
    public void rope(
            RopePairing pairing,
            int heads,
            int rotary,
            Tensor x,
            Tensor cosine,
            Tensor sine,
            Tensor positions,
            Tensor out) {
        try (var _ = device.use()) {
            if (heads < 1 || x.columns() % heads != 0 || x.columns() / heads > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "heads %s do not divide the %s columns of x".formatted(heads, x.columns()));
            }
            long headSize = x.columns() / heads;
            if (rotary < 2 || rotary % 2 != 0 || rotary > headSize) {
                throw new IllegalArgumentException(
                        "rotary %s: expected an even number up to the head size %s".formatted(rotary, headSize));
            }
            StructWriter writer = begin(NativeStructs.ROPE)
                    .pointer("x", arguments.floats("x", x))
                    .pointer("out", arguments.floats("out", out, x.rows(), x.columns()))
                    .pointer("cosine", arguments.dense("cosine", cosine, cosine.rows(), rotary / 2))
                    .pointer("sine", arguments.dense("sine", sine, cosine.rows(), rotary / 2))
                    .pointer("positions", arguments.indices("positions", positions, x.rows(), cosine.rows()))
                    .int64("rows", x.rows())
                    .int64("x_stride", Arguments.stride(x))
                    .int64("out_stride", Arguments.stride(out))
                    .int32("heads", heads)
                    .int32("d_head", (int) headSize)
                    .int32("rotary", rotary)
                    .int32("pairing", NativeCodes.code(pairing));
            Aliasing.requireSameOrDisjoint("out", out, "x", x);
            Aliasing.requireDisjoint("out", out, "cosine", cosine);
            Aliasing.requireDisjoint("out", out, "sine", sine);
            Aliasing.requireDisjoint("out", out, "positions", positions);
            run(Operation.ROPE, writer, x.size());
        }
    }

    @Override
    public void activation(ActivationKind kind, Tensor x, @Nullable Tensor linear, Tensor out) {
        try (var _ = device.use()) {
            StructWriter writer = begin(NativeStructs.ACTIVATION)
                    .pointer("x", arguments.floats("x", x))
                    .pointer("linear", linear == null ? 0 : arguments.floats("linear", linear, x.rows(), x.columns()))
                    .pointer("out", arguments.floats("out", out, x.rows(), x.columns()))
                    .int64("rows", x.rows())
                    .int64("columns", x.columns())
                    .int64("x_stride", Arguments.stride(x))
                    .int64("linear_stride", linear == null ? 0 : Arguments.stride(linear))
                    .int64("out_stride", Arguments.stride(out))
                    .int32("kind", NativeCodes.code(kind));
            Aliasing.requireSameOrDisjoint("out", out, "x", x);
            Aliasing.requireSameOrDisjoint("out", out, "linear", linear);
            run(Operation.ACTIVATION, writer, x.size());
        }
    }

    @Override
    public void add(Tensor a, Tensor b, float factor, Tensor out) {
        combine(Combine.ADD, a, b, factor, out);
    }

    @Override
    public void scale(Tensor a, float factor, Tensor out) {
        combine(Combine.SCALE, a, null, factor, out);
    }

    @Override
    public void softCap(Tensor a, float cap, Tensor out) {
        if (!(cap > 0)) {
            throw new IllegalArgumentException("cap %s: expected more than 0".formatted(cap));
        }
        combine(Combine.SOFT_CAP, a, null, cap, out);
    }

    @Override
    public void clamp(Tensor a, float limit, Tensor out) {
        if (!(limit >= 0)) {
            throw new IllegalArgumentException("limit %s: expected 0 or more".formatted(limit));
        }
        combine(Combine.CLAMP, a, null, limit, out);
    }

    /** Ordinals are the values of {@code pb_combine_kind}. */
    private enum Combine {
        ADD,
        SCALE,
        SOFT_CAP,
        CLAMP
    }

    private void combine(Combine kind, Tensor a, @Nullable Tensor b, float factor, Tensor out) {
        try (var _ = device.use()) {
            StructWriter writer = begin(NativeStructs.COMBINE)
                    .pointer("a", arguments.floats("a", a))
                    .pointer("b", b == null ? 0 : arguments.floats("b", b, a.rows(), a.columns()))
                    .pointer("out", arguments.floats("out", out, a.rows(), a.columns()))
                    .int64("rows", a.rows())
                    .int64("columns", a.columns())
                    .int64("a_stride", Arguments.stride(a))
                    .int64("b_stride", b == null ? 0 : Arguments.stride(b))
                    .int64("out_stride", Arguments.stride(out))
                    .int32("kind", NativeCodes.code(kind))
                    .float32("factor", factor);
            Aliasing.requireSameOrDisjoint("out", out, "a", a);
            Aliasing.requireSameOrDisjoint("out", out, "b", b);
            run(Operation.COMBINE, writer, a.size());
        }
    }

    @Override
    public void gather(
            Tensor source,
            @Nullable Tensor sourceIndex,
            Tensor destination,
            @Nullable Tensor destinationIndex,
            long count) {
        try (var _ = device.use()) {
            if (count < 0
                    || (sourceIndex == null && count > source.rows())
                    || (destinationIndex == null && count > destination.rows())) {
                throw new IllegalArgumentException("count %s of %s source rows and %s destination rows"
                        .formatted(count, source.rows(), destination.rows()));
            }
            if (source.type() != destination.type()) {
                throw new IllegalArgumentException(
                        "destination holds %s, source %s".formatted(destination.type(), source.type()));
            }
            Arguments.requireShape("destination", destination, destination.rows(), source.columns());
            StructWriter writer = begin(NativeStructs.GATHER)
                    .pointer("src", arguments.any("source", source))
                    .pointer("dst", arguments.anyWritten("destination", destination))
                    .pointer(
                            "src_index",
                            sourceIndex == null
                                    ? 0
                                    : arguments.indices("sourceIndex", sourceIndex, count, source.rows()))
                    .pointer(
                            "dst_index",
                            destinationIndex == null
                                    ? 0
                                    : arguments.indices(
                                            "destinationIndex", destinationIndex, count, destination.rows()))
                    .int64("rows", count)
                    .int64("columns", source.columns())
                    .int64("src_stride", Arguments.stride(source))
                    .int64("dst_stride", Arguments.stride(destination));
            Aliasing.requireDisjoint("destination", destination, "source", source);
            Aliasing.requireDisjoint("destination", destination, "sourceIndex", sourceIndex);
            Aliasing.requireDisjoint("destination", destination, "destinationIndex", destinationIndex);
            run(Operation.GATHER, writer, Math.min(count, source.columns()));
        }
    }

    @Override
    public void edit(
            Tensor x, DeviceTable<EditEntry> entries, @Nullable Tensor values, @Nullable Tensor bases, Tensor change) {
        try (var _ = device.use()) {
            NativeTable<EditEntry> table = arguments.table("entries", entries);
            StructWriter writer = begin(NativeStructs.EDIT)
                    .pointer("x", arguments.floats("x", x))
                    .pointer("entries", table.buffer().address())
                    .pointer("values", values == null ? 0 : arguments.dense("values", values, DType.F32))
                    .pointer("bases", bases == null ? 0 : arguments.dense("bases", bases, DType.F32))
                    .pointer("change", arguments.dense("change", change, 1, table.size()))
                    .int64("entry_count", table.size())
                    .int64("x_stride", Arguments.stride(x));
            TableChecks.checkReach(table.entries(), x, size(values), size(bases));
            for (Tensor written : List.of(x, change)) {
                Aliasing.requireDisjoint("what is written", written, "values", values);
                Aliasing.requireDisjoint("what is written", written, "bases", bases);
            }
            Aliasing.requireDisjoint("change", change, "x", x);
            run(Operation.EDIT, writer, table.size());
        }
    }

    private static long size(@Nullable Tensor tensor) {
        return tensor == null ? 0 : tensor.size();
    }

    @Override
    public void logSoftmax(Tensor x, Tensor out) {
        try (var _ = device.use()) {
            StructWriter writer = begin(NativeStructs.LOG_SOFTMAX)
                    .pointer("x", arguments.floats("x", x))
                    .pointer("out", arguments.floats("out", out, x.rows(), x.columns()))
                    .int64("rows", x.rows())
                    .int64("columns", x.columns())
                    .int64("x_stride", Arguments.stride(x))
                    .int64("out_stride", Arguments.stride(out));
            Aliasing.requireSameOrDisjoint("out", out, "x", x);
            run(Operation.LOG_SOFTMAX, writer, x.size());
        }
    }

    @Override
    public void route(RouteKind kind, Tensor logits, Tensor weights, Tensor index) {
        try (var _ = device.use()) {
            experts.route(kind, logits, weights, index);
        }
    }

    @Override
    public void expertRows(Tensor index, Tensor begin, Tensor order) {
        try (var _ = device.use()) {
            experts.rows(index, begin, order);
        }
    }

    @Override
    public void gemmExperts(ExpertGemm product) {
        try (var _ = device.use()) {
            experts.gemm(product);
        }
    }

    @Override
    public void mix(Tensor weights, Tensor parts, @Nullable Tensor addend, Tensor out) {
        try (var _ = device.use()) {
            experts.mix(weights, parts, addend, out);
        }
    }

    private StructWriter begin(NativeStruct struct) {
        return device.parameters().begin(struct);
    }

    /** Ends the struct and runs the operation, unless there is nothing to do. */
    private void run(Operation operation, StructWriter writer, long work) {
        long parameters = writer.end();
        if (work > 0) {
            device.run(operation, parameters, 1);
        }
    }
}
