package dev.patchbay.device;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operations every device implements, each specified once (formulas and order of sums in {@code patchbay/ops.h}).
 *
 * <p>All matrices are row-major float32 {@code [rows, columns]} unless said. Inputs and outputs must not overlap unless an
 * operation allows it. Operations never allocate: outputs and tables are the caller's. Every call is checked on the Java
 * side (shapes, dtypes, device, bounds, closed buffers) before it crosses into native code and throws
 * {@link IllegalArgumentException} naming the argument.
 *
 * <p>In {@link Numerics#EXACT} the bits of an output row depend only on that row's inputs: not on its neighbours, its place
 * in the batch, the batch size, chunking, thread count or instruction set.
 */
public interface Ops {
    /**
     * One matrix product {@code out[r, n] = Σ_k x[r, k] · W[k, n] + bias[n]}, k ascending.
     *
     * @param x {@code [rows, inner]} where {@code inner} rows of the weight are used, from {@code innerBegin} on
     * @param direction {@link Direction#FORWARD} for {@code x · W}, {@link Direction#BACKWARD} for {@code x · Wᵀ}
     * @param bias {@code [1, columns]}
     */
    record Gemm(
            Tensor x,
            Weight weight,
            Direction direction,
            long innerBegin,
            @Nullable Tensor bias,
            Tensor out) {
        /** The whole weight, forward. */
        public Gemm(Tensor x, Weight weight, @Nullable Tensor bias, Tensor out) {
            this(x, weight, Direction.FORWARD, 0, bias, out);
        }
    }

    /** Which way a product goes through a weight. */
    enum Direction {
        /** {@code x · W}. */
        FORWARD,
        /** {@code x · Wᵀ}: gradients with respect to a product's input. */
        BACKWARD
    }

    /** Independent products, run together (the experts of a layer; queries, keys and values). */
    void gemm(List<Gemm> products);

    /**
     * Chosen elements of a product, {@code out[0, i] = Σ_k x[row[i], k] · W[k, column[i]] + bias[column[i]]}: the very bits
     * that {@link #gemm} would give. {@code row}, {@code column}: I32 {@code [1, n]}; {@code out}: {@code [1, n]}.
     */
    void gemmChosen(Tensor x, Weight weight, @Nullable Tensor bias, Tensor row, Tensor column, Tensor out);

    /** Causal attention over base keys followed by own keys, see {@link Attention}. */
    void attention(Attention arguments);

    /**
     * Normalises each of {@code groups} equal groups of every row; writes the divisor of each to {@code scale}
     * {@code [rows, groups]}. {@code out} may be {@code x}.
     *
     * @param weight {@code [1, width]} or {@code [groups, width]}, null for all ones ({@code weightOffset} is added to it)
     * @param bias as {@code weight}, null for zeros
     */
    void norm(
            NormKind kind,
            float epsilon,
            float weightOffset,
            int groups,
            Tensor x,
            @Nullable Tensor weight,
            @Nullable Tensor bias,
            Tensor scale,
            Tensor out);

    /** Kinds of norm; ordinals are the values of {@code pb_norm_kind}. */
    enum NormKind {
        LAYER,
        RMS,
        IDENTITY
    }

    /**
     * Rotates the first {@code rotary} elements of each of {@code heads} heads of every row by its position.
     * {@code cosine}, {@code sine}: {@code [positions, rotary / 2]}; {@code positions}: I32 {@code [1, rows]}, each below
     * the number of rows of {@code cosine} (the caller's promise). {@code out} may be {@code x}.
     */
    void rope(
            RopePairing pairing,
            int heads,
            int rotary,
            Tensor x,
            Tensor cosine,
            Tensor sine,
            Tensor positions,
            Tensor out);

    /** Which elements are rotated together; ordinals are the values of {@code pb_rope_pairing}. */
    enum RopePairing {
        /** (i, i + rotary/2). */
        HALF,
        /** (2i, 2i + 1). */
        PAIR
    }

    /** {@code out = f(x)}, or {@code f(x) · linear} of a gated layer. {@code out} may be {@code x} or {@code linear}. */
    void activation(ActivationKind kind, Tensor x, @Nullable Tensor linear, Tensor out);

    /** Activation functions; ordinals are the values of {@code pb_activation_kind}. */
    enum ActivationKind {
        GELU_ERF,
        GELU_TANH,
        RELU,
        SILU,
        QUICK_GELU,
        IDENTITY,
        SIGMOID,
        /** That of GPT-OSS: quick GELU of min(x, 7), times clamp(linear, −7, 7) + 1. */
        CLAMPED_SWIGLU
    }

    /** {@code out = a + factor · b}; {@code out} may be {@code a} or {@code b}. */
    void add(Tensor a, Tensor b, float factor, Tensor out);

    /** {@code out = factor · a}; {@code out} may be {@code a}. */
    void scale(Tensor a, float factor, Tensor out);

    /** {@code out = cap · tanh(a / cap)}; {@code out} may be {@code a}. */
    void softCap(Tensor a, float cap, Tensor out);

    /** {@code out = min(max(a, -limit), limit)}; {@code out} may be {@code a}. */
    void clamp(Tensor a, float limit, Tensor out);

    /**
     * {@code destination[destinationIndex[i]] = source[sourceIndex[i]]} for {@code count} rows of equal width and dtype; a
     * null index stands for {@code i}. Indices are I32 {@code [1, count]} and in range (the caller's promise); destination
     * rows are distinct.
     */
    void gather(
            Tensor source,
            @Nullable Tensor sourceIndex,
            Tensor destination,
            @Nullable Tensor destinationIndex,
            long count);

    /**
     * Applies edits to {@code x} in place. Entries are sorted by token; entries of one token act in their order.
     *
     * @param values what {@code source} of the entries indexes, any shape, null where no entry needs values
     * @param bases what the entries' directions are read from: orthonormal rows, null where no entry projects
     * @param change {@code [1, entries]}: the largest absolute change each made
     */
    void edit(
            Tensor x,
            DeviceTable<TableEntry.EditEntry> entries,
            @Nullable Tensor values,
            @Nullable Tensor bases,
            Tensor change);

    /** {@code out = x − log Σ exp x}, row by row; {@code out} may be {@code x}. */
    void logSoftmax(Tensor x, Tensor out);

    /**
     * Chooses the experts of each row, those with the greatest logits, greatest first and lowest index on ties, and weighs
     * them. Whatever the logits, also NaN, the indices of a row are distinct and in range.
     *
     * @param logits {@code [rows, experts]}
     * @param weights {@code [rows, chosen]}
     * @param index I32 {@code [rows, chosen]}
     */
    void route(RouteKind kind, Tensor logits, Tensor weights, Tensor index);

    /** How chosen experts are weighed; ordinals are the values of {@code pb_route_kind}. */
    enum RouteKind {
        /** Their shares of a softmax over all experts. */
        SHARE_OF_ALL,
        /** A softmax over the chosen experts: weights that add up to 1. */
        SHARE_OF_CHOSEN
    }

    /**
     * Lists the rows of each expert, on the device. Assignment {@code a} is the {@code a % chosen}-th expert of row
     * {@code a / chosen}.
     *
     * @param index I32 {@code [rows, chosen]}, each from 0 to experts − 1 (the caller's promise)
     * @param begin I32 {@code [1, experts + 1]}: where each expert's assignments begin in {@code order}
     * @param order I32 {@code [1, rows · chosen]}: assignments by expert, ascending
     */
    void expertRows(Tensor index, Tensor begin, Tensor order);

    /**
     * Products of rows with the weights of their experts, {@code out[a] = x[a / share] · W_e + bias[e]} for every assignment
     * {@code a} of expert {@code e}: the very bits that {@link #gemm} would give each row.
     *
     * @param x {@code [assignments / share, inner]}
     * @param weight one matrix for each expert
     * @param bias {@code [experts, columns]}
     * @param begin as {@link #expertRows} writes it
     * @param order as {@link #expertRows} writes it
     * @param share consecutive assignments that read one row of {@code x}
     * @param out {@code [assignments, columns]}
     */
    record ExpertGemm(
            Tensor x, Weight weight, @Nullable Tensor bias, Tensor begin, Tensor order, int share, Tensor out) {}

    /** The grouped form of {@link #gemm}: every expert's rows, however many, in one go. */
    void gemmExperts(ExpertGemm product);

    /**
     * {@code out[r] = addend[r] + Σ_c weights[r, c] · parts[r, c]}, c ascending; {@code out} may be {@code addend}.
     *
     * @param weights {@code [rows, count]}
     * @param parts {@code [rows, count · columns]}, the parts of a row side by side
     * @param addend {@code [rows, columns]}, null for zeros
     */
    void mix(Tensor weights, Tensor parts, @Nullable Tensor addend, Tensor out);
}
