package dev.patchbay.model.zoo;

import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.config.Architecture;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A hand-weighted model: everything the graph needs, and what each head was made for.
 *
 * @param name as {@link Zoo#open} knows it
 * @param description one sentence
 * @param architecture the descriptor: unscaled scores, learned positions or none
 * @param weights the identity map: every graph tensor is stored under its own name, matrices {@code [in, out]}
 * @param tensors the weights, in memory; closing it is allowed and needless
 * @param roles what each designed head does, keyed {@code "layer.head"} in that order; heads that are absent have zero
 *     weights (uniform attention, no output)
 * @param tokenNames one readable, unique name per token id
 */
public record ZooModel(
        String name,
        String description,
        Architecture architecture,
        WeightMap weights,
        TensorStore tensors,
        Map<String, String> roles,
        List<String> tokenNames) {

    /** Copies the collections. */
    public ZooModel {
        roles = Collections.unmodifiableMap(new LinkedHashMap<>(roles));
        tokenNames = List.copyOf(tokenNames);
    }
}
