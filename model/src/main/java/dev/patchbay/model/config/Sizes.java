package dev.patchbay.model.config;

import java.util.List;
import java.util.stream.Stream;

/**
 * The sizes that every family has.
 *
 * @param layers number of blocks
 * @param width of the residual stream
 * @param heads query heads
 * @param keyValueHeads heads of keys and values
 * @param headSize elements of a head
 * @param vocabulary rows of the embedding
 * @param maxPositions longest sequence
 */
record Sizes(int layers, int width, int heads, int keyValueHeads, int headSize, int vocabulary, int maxPositions) {
    private static final int MOST_LAYERS = 1000;
    private static final int LARGEST_VOCABULARY = 1 << 22;
    private static final int LARGEST_HEAD = 1 << 16;

    /** The keys of the sizes, the family's own spelling first. */
    record Keys(List<String> width, List<String> layers, List<String> heads, List<String> positions) {
        /** What most families call them. */
        static final Keys USUAL =
                new Keys("hidden_size", "num_hidden_layers", "num_attention_heads", "max_position_embeddings");

        Keys(String width, String layers, String heads, String positions) {
            this(List.of(width), List.of(layers), List.of(heads), List.of(positions));
        }

        /** These or others. */
        Keys or(Keys others) {
            return new Keys(
                    joined(width, others.width),
                    joined(layers, others.layers),
                    joined(heads, others.heads),
                    joined(positions, others.positions));
        }

        private static List<String> joined(List<String> mine, List<String> others) {
            return Stream.of(mine, others).flatMap(List::stream).toList();
        }
    }

    /**
     * What a family's sizes are where the configuration has no key for them.
     *
     * @param positions longest sequence
     * @param headSize 0 for the width over the heads
     * @param keyValueHeads 0 for as many as query heads
     */
    record Usual(int positions, int headSize, int keyValueHeads) {
        Usual(int positions) {
            this(positions, 0, 0);
        }
    }

    static Sizes read(ConfigSection config, Keys keys, Usual usual) {
        int layers = config.requiredSize(MOST_LAYERS, array(keys.layers()));
        int width = config.requiredSize(ConfigSection.LARGEST_SIZE, array(keys.width()));
        int heads = config.requiredSize(ConfigSection.LARGEST_SIZE, array(keys.heads()));
        int headSize = headSize(config, keys, usual, width, heads);
        if ((long) heads * headSize > ConfigSection.LARGEST_SIZE) {
            throw config.fault(
                    "head_dim", "at most " + ConfigSection.LARGEST_SIZE + " elements in all heads", "" + headSize);
        }
        int keyValueHeads = config.size(heads, "num_key_value_heads")
                .orElse(
                        usual.keyValueHeads() == 0 || config.mentions("num_key_value_heads")
                                ? heads
                                : usual.keyValueHeads());
        if (heads % keyValueHeads != 0) {
            throw config.fault(
                    "num_key_value_heads",
                    "a divisor of " + keys.heads().getFirst() + " " + heads,
                    String.valueOf(keyValueHeads));
        }
        int vocabulary = config.requiredSize(LARGEST_VOCABULARY, "vocab_size");
        int positions =
                config.size(ConfigSection.LARGEST_SIZE, array(keys.positions())).orElse(usual.positions());
        return new Sizes(layers, width, heads, keyValueHeads, headSize, vocabulary, positions);
    }

    private static int headSize(ConfigSection config, Keys keys, Usual usual, int width, int heads) {
        var size = config.size(LARGEST_HEAD, "head_dim");
        if (size.isPresent()) {
            return size.getAsInt();
        }
        if (usual.headSize() != 0 && !config.mentions("head_dim")) {
            return usual.headSize();
        }
        if (width % heads != 0 || width / heads > LARGEST_HEAD) {
            throw config.fault(
                    keys.heads().getFirst(),
                    "a divisor of " + keys.width().getFirst() + " " + width + ", as no head_dim is given",
                    "" + heads);
        }
        return width / heads;
    }

    private static String[] array(List<String> keys) {
        return keys.toArray(new String[0]);
    }

    /** The same with another number of key/value heads, a divisor of {@code heads}. */
    Sizes withKeyValueHeads(int count) {
        return new Sizes(layers, width, heads, count, headSize, vocabulary, maxPositions);
    }
}
