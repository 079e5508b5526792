package dev.patchbay.model.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads how the frequencies of rotary positions are scaled. */
final class RopeScalingReader {
    private static final double LONGEST = 1L << 32;

    /** Reads the parameters of a kind of scaling. */
    private interface Kind extends Function<RopeScalingReader, RopeScaling> {}

    private static final Map<String, Kind> KINDS = new TreeMap<>(Map.of(
            "default",
            _ -> new RopeScaling.None(),
            "linear",
            reader -> new RopeScaling.Linear(reader.factor()),
            "llama3",
            RopeScalingReader::llama3,
            "yarn",
            RopeScalingReader::yarn,
            "longrope",
            RopeScalingReader::longRope,
            "su",
            RopeScalingReader::longRope));

    private final ConfigSection config;
    private final Optional<ConfigSection> given;
    private final int rotary;
    private final int maxPositions;

    /**
     * A reader of one object.
     *
     * @param given the object that describes the rotation, where there is one
     * @param rotary elements of a head that turn
     */
    RopeScalingReader(ConfigSection config, Optional<ConfigSection> given, int rotary, int maxPositions) {
        this.config = config;
        this.given = given;
        this.rotary = rotary;
        this.maxPositions = maxPositions;
    }

    RopeScaling read() {
        var type = given.flatMap(section -> section.text("rope_type", "type")).orElse("default");
        return Optional.ofNullable(KINDS.get(type))
                .orElseThrow(() -> config.fault("rope_type", "one of " + KINDS.keySet(), '"' + type + '"'))
                .apply(this);
    }

    private double required(String key, double least) {
        var found = given.map(section -> section.all(key)).orElse(List.of());
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
        return given.filter(section -> section.has(key)).isPresent() ? required(key, least) : otherwise;
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

    private RopeScaling longRope() {
        double original = ConfigSection.agreed(Stream.concat(given.stream(), Stream.of(config))
                        .flatMap(section -> section.all("original_max_position_embeddings").stream())
                        .toList())
                .map(found -> RopeReader.positive(found, LONGEST))
                .orElseThrow(() -> config.fault("original_max_position_embeddings", "a size, for longrope", "nothing"));
        return new RopeScaling.LongRope(
                divisors("short_factor"),
                divisors("long_factor"),
                (int) Math.min(original, Integer.MAX_VALUE),
                optional("factor", 1, Math.max(1, maxPositions / original)),
                given.orElseThrow().number("attention_factor"));
    }

    private List<Double> divisors(String key) {
        var values = given.flatMap(section -> section.array(key)).orElse(List.of());
        var numbers = values.stream()
                .map(value -> RopeReader.positive(new ConfigSection.Found(config, key, value), LONGEST))
                .toList();
        if (numbers.size() != rotary / 2) {
            throw config.fault(
                    key, rotary / 2 + " numbers, as rope_type longrope needs", String.valueOf(numbers.size()));
        }
        return numbers;
    }

    private RopeScaling yarn() {
        var section = given.orElseThrow();
        section.absent("long_factor", "yarn has no such key; rope_type longrope has");
        double fast = optional("beta_fast", 0, 32);
        double slow = optional("beta_slow", 0, 1);
        return new RopeScaling.Yarn(
                factor(),
                optional("original_max_position_embeddings", 1, maxPositions),
                fast == 0 ? 32 : fast,
                slow == 0 ? 1 : slow,
                section.flag(true, "truncate"),
                section.number("attention_factor"),
                optional("mscale", 0, 0),
                optional("mscale_all_dim", 0, 0));
    }
}
