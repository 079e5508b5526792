package dev.patchbay.model.config;

import dev.patchbay.model.checkpoint.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** GPT-Neo's {@code attention_types}, groups of kinds and how often each is repeated, one after the other. */
final class NeoLayers {
    private static final String KEY = "attention_types";

    private NeoLayers() {}

    /** Whether a layer looks at a window, for every layer. */
    static List<Boolean> read(ConfigSection config, int layers) {
        var local = new ArrayList<Boolean>();
        for (var group : config.array(KEY).orElse(List.of())) {
            if (group instanceof Json.Array(List<Json> pair)
                    && pair.size() == 2
                    && pair.getFirst() instanceof Json.Array(List<Json> kinds)
                    && pair.getLast() instanceof Json.Numeral count
                    && count.isInteger()
                    && count.value() >= 0
                    && count.value() * kinds.size() <= layers) {
                var once = kinds(config, KEY, kinds);
                IntStream.range(0, (int) count.value()).forEach(_ -> local.addAll(once));
            } else {
                throw config.fault(KEY, "pairs of kinds and repetitions for " + layers + " layers", group.kind());
            }
        }
        if (!config.mentions(KEY)) {
            IntStream.range(0, layers).forEach(layer -> local.add(layer % 2 == 1));
        }
        if (local.size() != layers) {
            throw config.fault(KEY, layers + " layers in all", String.valueOf(local.size()));
        }
        config.array("attention_layers").ifPresent(flat -> {
            if (!kinds(config, "attention_layers", flat).equals(local)) {
                throw config.fault("attention_layers", "what " + KEY + " says", "others");
            }
        });
        return local;
    }

    private static List<Boolean> kinds(ConfigSection config, String key, List<Json> kinds) {
        return kinds.stream()
                .map(kind -> {
                    if (kind instanceof Json.Text(String text) && (text.equals("local") || text.equals("global"))) {
                        return text.equals("local");
                    }
                    throw config.fault(key, "global or local", kind.kind());
                })
                .toList();
    }
}
