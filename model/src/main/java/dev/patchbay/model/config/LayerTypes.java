package dev.patchbay.model.config;

import dev.patchbay.model.checkpoint.Json;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Which layers look at all keys and which at a window.
 *
 * @param sliding whether a layer has the window
 * @param window its size, 0 for none
 */
record LayerTypes(List<Boolean> sliding, int window) {
    static final String FULL = "full_attention";
    static final String SLIDING = "sliding_attention";
    private static final String KEY = "layer_types";

    /**
     * Reads {@code layer_types}.
     *
     * @param window size of the window, where there is one
     * @param usually which layers are sliding where the key is absent
     */
    static LayerTypes read(ConfigSection config, int layers, OptionalInt window, IntPredicate usually) {
        var given = config.array(KEY)
                .map(types ->
                        types.stream().map(type -> isSliding(config, type)).toList());
        var sliding = given.orElseGet(
                () -> IntStream.range(0, layers).mapToObj(usually::test).toList());
        if (sliding.size() != layers) {
            throw config.fault(KEY, layers + " entries, one a layer", String.valueOf(sliding.size()));
        }
        if (sliding.contains(true) && window.isEmpty()) {
            throw config.fault("sliding_window", "a size, as " + KEY + " has sliding layers", "nothing");
        }
        return new LayerTypes(sliding, window.orElse(0));
    }

    /** The window on every layer, where there is one: {@code layer_types} changes nothing and must say the same. */
    static LayerTypes uniform(ConfigSection config, int layers, OptionalInt window) {
        var types = read(config, layers, window, _ -> window.isPresent());
        if (types.sliding.contains(!window.isPresent())) {
            throw config.fault(
                    KEY,
                    (window.isPresent() ? SLIDING : FULL) + " in every layer, as sliding_window says",
                    window.isPresent() ? FULL : SLIDING);
        }
        return types;
    }

    private static boolean isSliding(ConfigSection config, Json type) {
        if (type instanceof Json.Text(String text) && (text.equals(FULL) || text.equals(SLIDING))) {
            return text.equals(SLIDING);
        }
        throw config.fault(KEY, FULL + " or " + SLIDING, type.kind());
    }

    /** The window of a layer, 0 for none. */
    int window(int layer) {
        return sliding.get(layer) ? window : 0;
    }

    /** One of two, by the layer's type. */
    <T> IntFunction<T> choose(T full, T slide) {
        return layer -> sliding.get(layer) ? slide : full;
    }
}
