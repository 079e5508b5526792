package dev.patchbay.model.config;

import dev.patchbay.model.checkpoint.WeightMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a family calls its tensors: from the parts of the graph ({@link WeightMap}) to stored names, without the root and
 * without {@code .weight} and {@code .bias}. The part {@code qkv} stands for a fused projection, {@code mlp.gate_up} for the
 * gate above the linear branch. Parts that a model does not have are passed over.
 *
 * @param roots prefixes of everything but the head that files use, the usual one first
 * @param layers what stands between the root and the layer's number
 * @param once parts outside of the layers
 * @param perLayer parts of a layer
 * @param heads names of the unembedding, the usual one first
 * @param storage how matrices are stored
 * @param fused how the outputs of a fused projection are arranged
 * @param buffers names in a layer that some files have and nobody needs
 * @param experts how the weights of experts are stored
 * @param others prefixes of stored tensors that are no part of the language model
 */
record TensorNames(
        List<String> roots,
        String layers,
        Map<String, String> once,
        Map<String, String> perLayer,
        List<String> heads,
        Storage storage,
        Fused fused,
        List<String> buffers,
        Experts experts,
        List<String> others) {

    /** Names of a family without experts. */
    TensorNames(
            List<String> roots,
            String layers,
            Map<String, String> once,
            Map<String, String> perLayer,
            List<String> heads,
            Storage storage,
            Fused fused,
            List<String> buffers) {
        this(roots, layers, once, perLayer, heads, storage, fused, buffers, Experts.EACH, List.of());
    }

    /** How the weights of experts are stored. */
    enum Experts {
        /** A tensor for each: its number stands for {@code {expert}} in the name. */
        EACH,
        /**
         * One tensor for all, {@code [experts, in, out]}, named without {@code .weight} and with {@code _bias}, outputs of gate
         * and linear branch in turn (GPT-OSS); also in blocks of MXFP4.
         */
        STACKED
    }

    /** How matrices are stored. */
    enum Storage {
        /** {@code [out, in]}, {@code torch.nn.Linear}. */
        LINEAR,
        /** {@code [in, out]}, GPT-2's {@code Conv1D}. */
        CONVOLUTION
    }

    /** How the outputs of a fused projection are arranged. */
    enum Fused {
        /** All queries, all keys, all values. */
        BLOCKS,
        /** For each kv-head its queries, its key, its value. */
        GROUPS
    }

    /** The same but for some parts of a layer. */
    TensorNames with(Map<String, String> changed) {
        return new TensorNames(
                roots, layers, once, merged(perLayer, changed), heads, storage, fused, buffers, experts, others);
    }

    /** The same with experts that are stored so. */
    TensorNames with(Experts stored) {
        return new TensorNames(roots, layers, once, perLayer, heads, storage, fused, buffers, stored, others);
    }

    /** The same below other roots, with other names of the head, beside tensors of other parts. */
    TensorNames within(List<String> otherRoots, List<String> otherHeads, List<String> otherParts) {
        return new TensorNames(
                otherRoots, layers, once, perLayer, otherHeads, storage, fused, buffers, experts, otherParts);
    }

    /** The same but for some parts outside of the layers. */
    TensorNames withOnce(Map<String, String> changed) {
        return new TensorNames(
                roots, layers, merged(once, changed), perLayer, heads, storage, fused, buffers, experts, others);
    }

    /** The same without some parts, wherever they are. */
    TensorNames without(Set<String> parts) {
        return new TensorNames(
                roots,
                layers,
                except(once, parts),
                except(perLayer, parts),
                heads,
                storage,
                fused,
                buffers,
                experts,
                others);
    }

    private static Map<String, String> merged(Map<String, String> names, Map<String, String> changed) {
        var merged = new HashMap<>(names);
        merged.putAll(changed);
        return Map.copyOf(merged);
    }

    private static Map<String, String> except(Map<String, String> names, Set<String> parts) {
        var left = new HashMap<>(names);
        left.keySet().removeAll(parts);
        return Map.copyOf(left);
    }

    /**
     * The sources of an architecture's tensors.
     *
     * @param biased the parts that have a bias
     * @param tied whether the unembedding is the embedding
     * @param stored the names in the checkpoint, which decide between spellings
     */
    WeightMap map(Architecture architecture, Set<String> biased, boolean tied, Set<String> stored) {
        return new TensorMapping(this, architecture, biased, stored).map(tied);
    }

    /** The root that the files of a checkpoint use. */
    String root(Set<String> stored) {
        return roots.stream()
                .filter(root -> stored.contains(root + once.get("embed") + ".weight"))
                .findFirst()
                .orElse(roots.getFirst());
    }
}
