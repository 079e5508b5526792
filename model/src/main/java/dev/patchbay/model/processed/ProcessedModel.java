package dev.patchbay.model.processed;

import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.NormPlacement;
import java.util.HashMap;
import java.util.List;
import java.util.function.Supplier;

/**
 * A model whose weights are processed as TransformerLens does by default ({@code process_weights_}): the weights and biases of
 * norms are folded into what reads them; behind LayerNorm, what writes to the residual stream and what reads it are centred
 * over it; the unembedding is centred over the vocabulary; biases of values go into the bias of the output projection. The
 * log-probabilities stay what they are, up to rounding; activations do not.
 *
 * @param map where the graph's tensors are in {@code store}
 * @param store the processed tensors, worked out when they are asked for; closes the store it was made from
 * @param notes which of the steps do not apply, one line each
 */
public record ProcessedModel(WeightMap map, TensorStore store, List<String> notes) {
    /** Copies the notes. */
    public ProcessedModel {
        notes = List.copyOf(notes);
    }

    /**
     * Processes a model.
     *
     * @param map where its tensors are in {@code store}
     * @param digest what the model is
     * @throws InputException where processing would change what the model computes
     */
    public static ProcessedModel of(
            String name, Architecture architecture, WeightMap map, TensorStore store, Supplier<String> digest) {
        check(name, architecture, map);
        var folding = new Folding(architecture, map, store);
        var sources = new HashMap<String, Source>();
        folding.shapes().forEach((graph, shape) -> sources.put(graph, new Source(graph, shape, false, List.of())));
        return new ProcessedModel(new WeightMap(sources, List.of()), new FoldedStore(folding, digest), folding.notes());
    }

    private static void check(String name, Architecture architecture, WeightMap map) {
        if (architecture.norm().kind() == NormKind.IDENTITY) {
            throw refused(name, "it has no norms to fold, and without them the residual stream cannot be centred");
        }
        boolean before = architecture.placement() == NormPlacement.PRE
                || (architecture.placement() == NormPlacement.SANDWICH
                        && architecture.norm().kind() == NormKind.RMS);
        if (!before || architecture.embedding().projected()) {
            throw refused(
                    name,
                    "its norms stand behind what they should be folded into: processing is for models with norms before"
                            + " each sublayer");
        }
        if (architecture.mlp().stream()
                .anyMatch(mlp ->
                        mlp.kind() != MlpKind.NONE && mlp.kind() != MlpKind.PLAIN && mlp.kind() != MlpKind.GATED)) {
            throw refused(name, "weights of experts are not processed");
        }
        boolean valueBias =
                map.sources().containsKey("layers.0.v.bias") || map.sources().containsKey("layers.0.ln1.bias");
        boolean sinks = architecture.attention().stream().anyMatch(Architecture.LayerAttention::sinks);
        if (valueBias && (sinks || architecture.clip() > 0)) {
            throw refused(
                    name,
                    sinks
                            ? "the rows of its attention do not sum to 1, so biases of values cannot be folded"
                            : "its values are clamped after their bias, which therefore cannot be folded");
        }
    }

    private static InputException refused(String name, String why) {
        return InputCode.TL.refusal(name + ": --weights tl: " + why + "; use --weights raw");
    }
}
