package dev.patchbay.model.config;

import dev.patchbay.model.checkpoint.WeightMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A row of the table of model families: how a configuration becomes an architecture, and what the tensors are called.
 *
 * @param modelType as {@code model_type} says it
 * @param architecture reads the architecture
 * @param names of the tensors, which may depend on the wiring
 * @param biases which parts have a bias
 * @param usuallyTied whether the unembedding is the embedding where {@code tie_word_embeddings} does not say
 * @param language the part of a configuration that is about the language model
 */
record Family(
        String modelType,
        Function<ConfigSection, Architecture> architecture,
        Function<Architecture, TensorNames> names,
        Function<ConfigSection, Set<String>> biases,
        boolean usuallyTied,
        UnaryOperator<ConfigSection> language) {

    private static final List<Family> TABLE = Stream.of(
                    GptFamilies.rows(),
                    FusedFamilies.rows(),
                    LlamaFamilies.rows(),
                    GemmaFamilies.rows(),
                    OlmoFamilies.rows(),
                    MixtureFamilies.rows(),
                    LayerNormFamilies.rows())
            .flatMap(List::stream)
            .toList();

    /** A row whose tensors always have the same names. */
    Family(
            String modelType,
            Function<ConfigSection, Architecture> architecture,
            TensorNames names,
            Function<ConfigSection, Set<String>> biases,
            boolean usuallyTied) {
        this(modelType, architecture, _ -> names, biases, usuallyTied);
    }

    /** A row that is about the whole configuration. */
    Family(
            String modelType,
            Function<ConfigSection, Architecture> architecture,
            Function<Architecture, TensorNames> names,
            Function<ConfigSection, Set<String>> biases,
            boolean usuallyTied) {
        this(modelType, architecture, names, biases, usuallyTied, config -> config);
    }

    /** The row of that {@code model_type}. */
    static Optional<Family> named(String modelType) {
        return TABLE.stream()
                .filter(family -> family.modelType.equals(modelType))
                .findFirst();
    }

    /** Every {@code model_type} of the table. */
    static List<String> supported() {
        return TABLE.stream().map(Family::modelType).sorted().toList();
    }

    /** Where the tensors of a model of this family are in a checkpoint that holds these names. */
    WeightMap weights(ConfigSection config, Architecture described, Set<String> stored) {
        boolean tied = config.flag(usuallyTied, "tie_word_embeddings");
        return names.apply(described).map(described, biases.apply(config), tied, stored);
    }
}
