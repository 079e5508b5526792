package dev.patchbay.model.checkpoint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where each of the graph's tensors comes from in a checkpoint. Graph names:
 *
 * <ul>
 *   <li>{@code embed.weight} [V, d_model], {@code pos_embed.weight} [positions, d_model], {@code embed_norm.weight|bias}; where
 *       the embedding has another width, {@code embed_project.weight} [width, d_model] and {@code unembed_project.weight}
 *       [d_model, width]
 *   <li>{@code layers.L.ln1|ln2|ln1_post|ln2_post.weight|bias} [d_model]
 *   <li>{@code layers.L.q|k|v.weight} [d_model, heads · d_head], {@code .bias}; {@code layers.L.o.weight}
 *       [heads · d_head, d_model], {@code .bias}; {@code layers.L.q_norm|k_norm.weight|bias} [d_head],
 *       [heads, d_head] or [heads · d_head], or {@code layers.L.q_norm.H.weight} [d_head] for each head;
 *       {@code layers.L.sinks}
 *   <li>{@code layers.L.mlp.in|gate.weight} [d_model, width], {@code layers.L.mlp.out.weight} [width, d_model],
 *       {@code .bias}
 *   <li>of a mixture of experts {@code layers.L.mlp.router.weight} [d_model, experts], {@code .bias}; of expert E
 *       {@code layers.L.mlp.experts.E.gate|in.weight} [d_model, width], {@code layers.L.mlp.experts.E.out.weight}
 *       [width, d_model], {@code .bias}; of an expert that every token takes
 *       {@code layers.L.mlp.shared.gate|in|out.weight} and {@code layers.L.mlp.shared_gate.weight} [d_model, 1]
 *   <li>{@code ln_final.weight|bias}, {@code unembed.weight} [d_model, V], {@code unembed.bias}
 * </ul>
 *
 * A name that is absent is a part the model does not have (a bias, a norm's weight).
 *
 * @param sources one entry per graph name
 * @param ignored stored tensors that may be there and are not read (buffers)
 * @param copies stored tensors that may be there and must then equal another, bit for bit: from the copy to the other (a tied
 *     head)
 */
public record WeightMap(Map<String, Source> sources, List<String> ignored, Map<String, String> copies) {
    /** Copies the collections. */
    public WeightMap {
        sources = Map.copyOf(sources);
        ignored = List.copyOf(ignored);
        copies = Map.copyOf(copies);
    }

    /** A map of a checkpoint that holds no tensor twice. */
    public WeightMap(Map<String, Source> sources, List<String> ignored) {
        this(sources, ignored, Map.of());
    }

    /**
     * The same map, where stored copies are the tensors themselves: a head that is stored beside the embedding it should be
     * tied to is the head.
     *
     * @param stored the names in the checkpoint
     */
    public WeightMap untied(Set<String> stored) {
        var present = new HashMap<>(copies);
        present.keySet().retainAll(stored);
        var separate = new HashMap<>(sources);
        present.forEach((copy, original) -> separate.computeIfPresent(
                "unembed.weight",
                (_, source) -> source.tensor().equals(original)
                        ? new Source(copy, source.shape(), source.transposed(), source.outputs())
                        : source));
        var others = new HashMap<>(copies);
        others.keySet().removeAll(present.keySet());
        return new WeightMap(separate, ignored, others);
    }

    /**
     * A stored tensor, or a part of one.
     *
     * @param tensor its stored name
     * @param shape the shape the stored tensor must have
     * @param transposed for matrices: whether it is stored {@code [out, in]} (as {@code torch.nn.Linear} does)
     * @param outputs the slices of the output axis that make up the graph's tensor, in order; empty for all of it
     * @param member which of the tensors that are stacked along the first axis (one an expert), {@link #WHOLE} where none are
     * @param scales the stored tensor of the scales where the elements are in blocks of {@link Mxfp4}, then U8
     */
    public record Source(
            String tensor,
            List<Long> shape,
            boolean transposed,
            List<Slice> outputs,
            int member,
            Optional<String> scales) {
        /** The stored tensor is no stack. */
        public static final int WHOLE = -1;

        /** Copies the lists. */
        public Source {
            shape = List.copyOf(shape);
            outputs = List.copyOf(outputs);
        }

        /** A tensor that is no stack, of floating-point numbers. */
        public Source(String tensor, List<Long> shape, boolean transposed, List<Slice> outputs) {
            this(tensor, shape, transposed, outputs, WHOLE, Optional.empty());
        }

        /** The shape of the values, before outputs are chosen: of the stored tensor or its member, blocks expanded. */
        public List<Long> valueShape() {
            var values = scales.isPresent() ? Mxfp4.valueShape(shape) : shape;
            return member == WHOLE ? values : values.subList(1, values.size());
        }

        /** Values in the whole stored tensor. */
        public long storedValues() {
            return product(scales.isPresent() ? Mxfp4.valueShape(shape) : shape);
        }

        /** Values of the graph's tensor. */
        public long values() {
            long all = product(valueShape());
            if (outputs.isEmpty()) {
                return all;
            }
            long axis = transposed ? valueShape().getFirst() : valueShape().getLast();
            return all / axis * outputs.stream().mapToLong(Slice::count).sum();
        }

        private static long product(List<Long> shape) {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }
    }

    /** The outputs {@code begin}, {@code begin + step}, …, {@code count} of them. */
    public record Slice(long begin, long count, long step) {
        /** Outputs {@code [begin, begin + count)}. */
        public Slice(long begin, long count) {
            this(begin, count, 1);
        }
    }
}
