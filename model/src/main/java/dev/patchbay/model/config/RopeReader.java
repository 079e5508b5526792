package dev.patchbay.model.config;

import dev.patchbay.device.Ops.RopePairing;
import dev.patchbay.model.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Reads rotary positions out of a configuration: {@code rope_parameters} of the newer form, {@code rope_scaling},
 * {@code rope_theta}, {@code rotary_emb_base}, {@code rotary_pct} and {@code partial_rotary_factor} of the older ones. What
 * stands in several places must agree.
 */
final class RopeReader {
    private static final double DEFAULT_THETA = 10_000;
    private static final double LONGEST = 1L << 32;

    /** Reads the parameters of a kind of scaling. */
    private interface Kind extends Function<RopeReader, RopeScaling> {}

    private static final Map<String, Kind> KINDS = new TreeMap<>(Map.of(
            "default",
            _ -> new RopeScaling.None(),
            "linear",
            reader -> new RopeScaling.Linear(reader.factor()),
            "llama3",
            RopeReader::llama3,
            "yarn",
            RopeReader::yarn));

    private final ConfigSection config;
    private final Optional<ConfigSection> parameters;
    private final Optional<ConfigSection> scaling;
    private final int maxPositions;

    private RopeReader(ConfigSection config, int maxPositions) {
        this.config = config;
        this.maxPositions = maxPositions;
        parameters = config.section("rope_parameters");
        scaling = config.section("rope_scaling");
    }

    /**
     * The rotation that a configuration describes.
     *
     * @param fraction of a head that turns, where the configuration does not say
     */
    static Rope read(ConfigSection config, RopePairing pairing, int headSize, double fraction, int maxPositions) {
        var reader = new RopeReader(config, maxPositions);
        reader.checkAgreement();
        int rotary = (int) (headSize * reader.fraction(fraction));
        if (rotary < 2 || rotary % 2 != 0) {
            throw new InputException(config + ": an even number of at least 2 elements of a head must turn, found "
                    + rotary + " of " + headSize + ": check head_dim and partial_rotary_factor");
        }
        return Ropes.of(pairing, rotary, reader.theta(), reader.kind().apply(reader));
    }

    /** Everything the older object says must be in the newer one, where both are there. */
    private void checkAgreement() {
        if (parameters.isEmpty() || scaling.isEmpty()) {
            return;
        }
        for (var key : scaling.get().keys()) {
            var keys = key.equals("type") ? new String[] {"rope_type", "type"} : new String[] {key};
            var newer = parameters.get().all(keys);
            for (var older : scaling.get().all(key)) {
                if (newer.isEmpty() || !newer.getFirst().agrees(older)) {
                    throw older.fault((newer.isEmpty()
                                    ? "nothing"
                                    : newer.getFirst().value().kind())
                            + " as rope_parameters says; delete the wrong one");
                }
            }
        }
    }

    private Kind kind() {
        var type =
                section().flatMap(section -> section.text("rope_type", "type")).orElse("default");
        return Optional.ofNullable(KINDS.get(type))
                .orElseThrow(() -> config.fault("rope_type", "one of " + KINDS.keySet(), '"' + type + '"'));
    }

    private Optional<ConfigSection> section() {
        return parameters.or(() -> scaling);
    }

    private double theta() {
        return agreed("rope_theta", "rope_theta", "rotary_emb_base")
                .map(found -> positive(found, Double.MAX_VALUE))
                .orElse(DEFAULT_THETA);
    }

    private double fraction(double otherwise) {
        return agreed("partial_rotary_factor", "partial_rotary_factor", "rotary_pct")
                .map(found -> positive(found, 1))
                .orElse(otherwise);
    }

    /** A value that may stand in the rope's object and, under these keys, in the configuration itself. */
    private Optional<ConfigSection.Found> agreed(String nested, String... keys) {
        List<ConfigSection.Found> all = new ArrayList<>();
        parameters.ifPresent(section -> all.addAll(section.all(nested)));
        scaling.ifPresent(section -> all.addAll(section.all(nested)));
        all.addAll(config.all(keys));
        return ConfigSection.agreed(all);
    }

    private static double positive(ConfigSection.Found found, double most) {
        double number = found.number();
        if (number > 0 && number <= most) {
            return number;
        }
        throw found.fault(most == 1 ? "a number above 0 and at most 1" : "a number above 0");
    }

    private double required(String key, double least) {
        var found = section().map(section -> section.all(key)).orElse(List.of());
        if (found.isEmpty()) {
            throw config.fault("rope_parameters." + key, "a number", "nothing");
        }
        double number = found.getFirst().number();
        if (number >= least && number <= LONGEST) {
            return number;
        }
        throw found.getFirst().fault("a number from " + least + " to " + LONGEST);
    }

    private double optional(String key, double least, double otherwise) {
        return section().filter(section -> section.has(key)).isPresent() ? required(key, least) : otherwise;
    }

    private double factor() {
        return required("factor", 1);
    }

    private RopeScaling llama3() {
        double low = required("low_freq_factor", Double.MIN_NORMAL);
        double high = required("high_freq_factor", Double.MIN_NORMAL);
        if (low >= high) {
            throw config.fault("low_freq_factor", "less than high_freq_factor " + high, String.valueOf(low));
        }
        return new RopeScaling.Llama3(factor(), low, high, required("original_max_position_embeddings", 1));
    }

    private RopeScaling yarn() {
        var given = section().orElseThrow();
        double fast = optional("beta_fast", 0, 32);
        double slow = optional("beta_slow", 0, 1);
        return new RopeScaling.Yarn(
                factor(),
                optional("original_max_position_embeddings", 1, maxPositions),
                fast == 0 ? 32 : fast,
                slow == 0 ? 1 : slow,
                given.flag(true, "truncate"),
                given.number("attention_factor"),
                optional("mscale", 0, 0),
                optional("mscale_all_dim", 0, 0));
    }
}
