package dev.patchbay.bindings.ops;

import dev.patchbay.bindings.NativeStruct;
import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.device.Ops.Direction;

/** How a device's products take their weights, which decides the structs they are described by. */
public sealed interface WeightForm {
    /** The struct of a product. */
    NativeStruct gemm();

    /** The struct of chosen elements. */
    NativeStruct gemmChosen();

    /** As {@link #prepare}, for the products of experts. */
    default void prepareExperts(NativeWeight weights) {
        prepare(weights, Direction.FORWARD);
    }

    /** The struct of the products of experts. */
    NativeStruct gemmExperts();

    /** Does what a first use in a direction would have to do; not between the structs of a call. */
    void prepare(NativeWeight weight, Direction direction);

    /** As {@link #prepare}, for chosen elements. */
    default void prepareChosen(NativeWeight weight) {
        prepare(weight, Direction.FORWARD);
    }

    /** Writes the fields of {@link #gemm} that are about the weight. */
    void writeGemm(StructWriter writer, NativeWeight weight, Direction direction);

    /** Writes the fields of {@link #gemmChosen} that are about the weight, which is used forward. */
    void writeChosen(StructWriter writer, NativeWeight weight);

    /** Writes the fields of {@link #gemmExperts} that are about the weights, which are used forward. */
    void writeExperts(StructWriter writer, NativeWeight weights);

    /** Makes packed copies of weights. */
    interface Packing {
        /** Floats that a packed weight takes. */
        long packedSize(long inner, long columns);

        /** Packs, as the {@code pb_pack} at {@code parameters} says. */
        void pack(long parameters);
    }

    /** A packed copy for each direction in use. */
    non-sealed interface Packed extends WeightForm, Packing {
        @Override
        default NativeStruct gemm() {
            return NativeStructs.GEMM;
        }

        @Override
        default NativeStruct gemmChosen() {
            return NativeStructs.GEMM_CHOSEN;
        }

        @Override
        default void prepare(NativeWeight weight, Direction direction) {
            weight.packed(this, direction);
        }

        @Override
        default void writeGemm(StructWriter writer, NativeWeight weight, Direction direction) {
            writer.pointer("weight", weight.packed(this, direction)).int64("weight_inner", weight.inner(direction));
        }

        @Override
        default void writeChosen(StructWriter writer, NativeWeight weight) {
            writer.pointer("weight", weight.packed(this, Direction.FORWARD)).int64("columns", weight.columns());
        }

        @Override
        default NativeStruct gemmExperts() {
            return NativeStructs.GEMM_EXPERTS;
        }

        @Override
        default void writeExperts(StructWriter writer, NativeWeight weights) {
            writer.pointer("weight", weights.packed(this, Direction.FORWARD))
                    .int64("weight_step", packedSize(weights.inner(), weights.columns()));
        }
    }

    /** A packed copy for products, the raw tensor for chosen elements and products of experts. */
    non-sealed interface Converted extends WeightForm, Packing {
        /** The form of all but products. */
        Raw RAW = new Raw();

        @Override
        default NativeStruct gemm() {
            return NativeStructs.GEMM;
        }

        @Override
        default void prepare(NativeWeight weight, Direction direction) {
            weight.packed(this, direction);
        }

        @Override
        default void writeGemm(StructWriter writer, NativeWeight weight, Direction direction) {
            writer.pointer("weight", weight.packed(this, direction)).int64("weight_inner", weight.inner(direction));
        }

        @Override
        default NativeStruct gemmChosen() {
            return RAW.gemmChosen();
        }

        @Override
        default void prepareChosen(NativeWeight weight) {
            RAW.prepare(weight, Direction.FORWARD);
        }

        @Override
        default void writeChosen(StructWriter writer, NativeWeight weight) {
            RAW.writeChosen(writer, weight);
        }

        @Override
        default NativeStruct gemmExperts() {
            return RAW.gemmExperts();
        }

        @Override
        default void prepareExperts(NativeWeight weights) {
            RAW.prepare(weights, Direction.FORWARD);
        }

        @Override
        default void writeExperts(StructWriter writer, NativeWeight weights) {
            RAW.writeExperts(writer, weights);
        }
    }

    /** The raw tensor itself, read along rows or columns. */
    record Raw() implements WeightForm {
        @Override
        public NativeStruct gemm() {
            return NativeStructs.CUDA_GEMM;
        }

        @Override
        public NativeStruct gemmChosen() {
            return NativeStructs.CUDA_GEMM_CHOSEN;
        }

        @Override
        public void prepare(NativeWeight weight, Direction direction) {
            weight.rawAddress();
        }

        @Override
        public void writeGemm(StructWriter writer, NativeWeight weight, Direction direction) {
            writer.pointer("weight", weight.rawAddress())
                    .int64("weight_stride", Arguments.stride(weight.raw()))
                    .int32("transposed", weight.columnsAreRows(direction) ? 1 : 0);
        }

        @Override
        public void writeChosen(StructWriter writer, NativeWeight weight) {
            writeGemm(writer, weight, Direction.FORWARD);
        }

        @Override
        public NativeStruct gemmExperts() {
            return NativeStructs.CUDA_GEMM_EXPERTS;
        }

        @Override
        public void writeExperts(StructWriter writer, NativeWeight weights) {
            writeGemm(writer, weights, Direction.FORWARD);
            writer.int64("weight_step", weights.rawStep());
        }
    }
}
