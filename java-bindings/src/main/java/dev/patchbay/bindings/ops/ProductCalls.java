package dev.patchbay.bindings.ops;

import dev.patchbay.bindings.StructWriter;
import dev.patchbay.bindings.ops.NativeDevice.Operation;
import dev.patchbay.device.Ops.Gemm;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Weight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks matrix products and hands them to the device; callers have entered it. */
record ProductCalls(NativeDevice device, Arguments arguments) {

    void gemm(List<Gemm> products) {
        for (Gemm product : products) {
            check(product);
            device.weightForm().prepare(arguments.weight("weight", product.weight()), product.direction());
        }
        checkIndependent(products);
        StructWriter writer = device.parameters();
        long first = 0;
        long count = 0;
        for (Gemm product : products) {
            if (product.out().size() == 0) {
                continue;
            }
            if (count > 0 && !writer.hasRoomFor(device.weightForm().gemm())) {
                device.run(Operation.GEMM, first, count);
                writer.reset();
                count = 0;
            }
            long address = write(writer, product);
            first = count == 0 ? address : first;
            count++;
        }
        if (count > 0) {
            device.run(Operation.GEMM, first, count);
        }
    }

    private void check(Gemm product) {
        NativeWeight weight = single(product.weight());
        long inner = weight.inner(product.direction());
        long begin = product.innerBegin();
        Tensor x = product.x();
        if (begin < 0 || x.columns() < 1 || x.columns() > inner - begin) {
            throw new IllegalArgumentException(
                    "x has %s columns from innerBegin %s on, the weight %s rows in direction %s"
                            .formatted(x.columns(), begin, inner, product.direction()));
        }
        arguments.floats("x", x);
        arguments.floats("out", product.out(), x.rows(), weight.columns(product.direction()));
        arguments.denseOrNull("bias", product.bias(), 1, weight.columns(product.direction()));
        Aliasing.requireDisjoint("out", product.out(), "x", x);
        Aliasing.requireDisjoint("out", product.out(), "bias", product.bias());
        Aliasing.requireDisjoint("out", product.out(), "weight", weight.raw());
    }

    private NativeWeight single(Weight any) {
        NativeWeight weight = arguments.weight("weight", any);
        if (weight.matrices() != 1) {
            throw new IllegalArgumentException(
                    "weight holds " + weight.matrices() + " matrices, expected 1: those of experts go to gemmExperts");
        }
        return weight;
    }

    private static void checkIndependent(List<Gemm> products) {
        for (int one = 0; one < products.size(); one++) {
            Tensor out = products.get(one).out();
            for (int other = 0; other < products.size(); other++) {
                if (other != one) {
                    Aliasing.requireDisjoint(
                            "out of a product",
                            out,
                            "x of another",
                            products.get(other).x());
                }
                if (other > one) {
                    Aliasing.requireDisjoint(
                            "out of a product",
                            out,
                            "out of another",
                            products.get(other).out());
                }
            }
        }
    }

    private long write(StructWriter writer, Gemm product) {
        NativeWeight weight = arguments.weight("weight", product.weight());
        Tensor x = product.x();
        Tensor out = product.out();
        writer.begin(device.weightForm().gemm())
                .pointer("x", arguments.floats("x", x))
                .pointer("bias", arguments.denseOrNull("bias", product.bias(), 1, out.columns()))
                .pointer("out", arguments.floats("out", out))
                .int64("rows", x.rows())
                .int64("inner", x.columns())
                .int64("columns", out.columns())
                .int64("x_stride", Arguments.stride(x))
                .int64("out_stride", Arguments.stride(out))
                .int64("inner_begin", product.innerBegin());
        device.weightForm().writeGemm(writer, weight, product.direction());
        return writer.end();
    }

    void chosen(Tensor x, Weight anyWeight, @Nullable Tensor bias, Tensor row, Tensor column, Tensor out) {
        NativeWeight weight = single(anyWeight);
        long count = out.columns();
        long xAddress = arguments.floats("x", x, x.rows(), weight.inner());
        long biasAddress = arguments.denseOrNull("bias", bias, 1, weight.columns());
        long rowAddress = arguments.indices("row", row, count, x.rows());
        long columnAddress = arguments.indices("column", column, count, weight.columns());
        long outAddress = arguments.dense("out", out, 1, count);
        Aliasing.requireDisjoint("out", out, "x", x);
        Aliasing.requireDisjoint("out", out, "bias", bias);
        if (count == 0) {
            return;
        }
        WeightForm form = device.weightForm();
        form.prepareChosen(weight);
        StructWriter writer = device.parameters()
                .begin(form.gemmChosen())
                .pointer("x", xAddress)
                .pointer("bias", biasAddress)
                .pointer("out", outAddress)
                .pointer("row", rowAddress)
                .pointer("column", columnAddress)
                .int64("count", count)
                .int64("inner", weight.inner())
                .int64("x_stride", Arguments.stride(x));
        form.writeChosen(writer, weight);
        device.run(Operation.GEMM_CHOSEN, writer.end(), 1);
    }
}
