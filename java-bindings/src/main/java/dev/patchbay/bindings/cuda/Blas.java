package dev.patchbay.bindings.cuda;

/**
 * Matrix products of one device in the precisions of its tensor cores. Sums are float32 and never split, so that equal calls
 * give equal bits; across shapes the order of the sums is the library's own. One thread at a time, with the device's context
 * current; products run in the order of the device's stream.
 */
interface Blas extends AutoCloseable {
    /**
     * Enqueues {@code out[r, n] = Σ_k x[r, k] · W[k, n]} and what the epilogue adds.
     *
     * @param x address of {@code [rows, inner]}
     * @param weight address of the weight, see {@link Shape#transposed}
     * @param out address of float32 {@code [rows, columns]}
     * @throws CudaException where the library refuses
     */
    void gemm(Shape shape, Types types, Epilogue epilogue, long x, long weight, long out);

    @Override
    void close();

    /** A library of products that has been found. */
    interface Library {
        /** What it is and where it was found, for people. */
        String description();

        /**
         * Starts it on a device, whose context is current; the caller closes what it returns before the driver.
         *
         * @param device what errors call the device
         */
        Blas open(CudaDriver driver, CudaProperties properties, String device, long stream);
    }

    /**
     * The sizes of a product, strides in elements.
     *
     * @param transposed whether the weight is {@code [columns, inner]}, as most are, else {@code [inner, columns]}
     */
    record Shape(
            long rows, long columns, long inner, long xStride, long weightStride, long outStride, boolean transposed) {}

    /** Types of the operands; results are float32. */
    enum Types {
        /** Both operands bfloat16. */
        BFLOAT16(Short.BYTES),
        /** Both float32, rounded to 10 bits behind the point by the hardware. */
        TF32(Float.BYTES);

        private final int bytes;

        Types(int bytes) {
            this.bytes = bytes;
        }

        /** Bytes of an operand's element. */
        int bytes() {
            return bytes;
        }
    }

    /** What is added to a product before it is written. */
    sealed interface Epilogue {
        /** Nothing. */
        record None() implements Epilogue {}

        /** The float32 {@code [columns]} at an address, which is a multiple of {@link #BIAS_ALIGNMENT}. */
        record Bias(long address) implements Epilogue {}
    }

    /** Of biases: some kernels of cuBLASLt read them 16 bytes at a time, and its search does not ask. */
    int BIAS_ALIGNMENT = 16;
}
