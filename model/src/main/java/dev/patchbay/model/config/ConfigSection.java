package dev.patchbay.model.config;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * An object of a configuration, read by key. A value may stand under several keys (older and newer names); where more than one
 * is there they must agree. Null counts as absent.
 */
final class ConfigSection {
    /** Bound of every size without a tighter one. */
    static final int LARGEST_SIZE = 1 << 24;

    private final String where;
    private final Json.Members members;

    ConfigSection(String where, Json.Members members) {
        this.where = where;
        this.members = members;
    }

    /** A value and the key it stands under. */
    record Found(ConfigSection section, String key, Json value) {
        InputException fault(String expected) {
            return section.fault(key, expected, value.kind());
        }

        double number() {
            if (value instanceof Json.Numeral number && Double.isFinite(number.value())) {
                return number.value();
            }
            throw fault("a number");
        }

        boolean agrees(Found other) {
            return (value instanceof Json.Numeral mine && other.value instanceof Json.Numeral its)
                    ? mine.value() == its.value()
                    : value.equals(other.value);
        }
    }

    /** An error about a value. */
    InputException fault(String key, String expected, String found) {
        return code(key).refusal(where + ": " + key + ": expected " + expected + ", found " + found);
    }

    private InputCode code(String key) {
        return switch (key) {
            case "model_type", "rope_type", "type", "quantization_config", "auto_map" -> InputCode.CFG_UNSUPPORTED;
            default -> key.startsWith("rope_") || where.contains(": rope_") ? InputCode.CFG_ROPE : InputCode.CFG;
        };
    }

    /** The values under these keys that are there. */
    List<Found> all(String... keys) {
        var found = new ArrayList<Found>();
        for (var key : keys) {
            members.find(key).ifPresent(value -> found.add(new Found(this, key, value)));
        }
        return found;
    }

    /** The one value of all, which must agree. */
    static Optional<Found> agreed(List<Found> values) {
        for (var other : values) {
            var first = values.getFirst();
            if (!first.agrees(other)) {
                throw other.fault(first.value().kind() + " as " + first.key() + " says");
            }
        }
        return values.stream().findFirst();
    }

    private Optional<Found> find(String... keys) {
        return agreed(all(keys));
    }

    boolean has(String key) {
        return members.find(key).isPresent();
    }

    /** A size in [1, most], empty where it is absent. */
    OptionalInt size(int most, String... keys) {
        var found = find(keys);
        if (found.isEmpty()) {
            return OptionalInt.empty();
        }
        if (found.get().value() instanceof Json.Numeral number
                && number.isInteger()
                && number.value() >= 1
                && number.value() <= most) {
            return OptionalInt.of((int) number.value());
        }
        throw found.get().fault("an integer from 1 to " + most);
    }

    /** A size in [1, most] that must be there. */
    int requiredSize(int most, String... keys) {
        return size(most, keys).orElseThrow(() -> fault(keys[0], "an integer from 1 to " + most, "nothing"));
    }

    OptionalDouble number(String... keys) {
        return find(keys).stream().mapToDouble(Found::number).findFirst();
    }

    /** A number above {@code low} and below {@code high}. */
    double between(double low, double high, double otherwise, String... keys) {
        var found = find(keys);
        if (found.isEmpty()) {
            return otherwise;
        }
        double number = found.get().number();
        if (number > low && number < high) {
            return number;
        }
        throw found.get().fault("a number above " + low + " and below " + high);
    }

    boolean flag(boolean otherwise, String... keys) {
        var found = find(keys);
        if (found.isEmpty()) {
            return otherwise;
        }
        if (found.get().value() instanceof Json.Flag(boolean set)) {
            return set;
        }
        throw found.get().fault("true or false");
    }

    Optional<String> text(String... keys) {
        return find(keys).map(found -> {
            if (found.value() instanceof Json.Text(String text)) {
                return text;
            }
            throw found.fault("a text");
        });
    }

    Optional<ConfigSection> section(String key) {
        return find(key).map(found -> {
            if (found.value() instanceof Json.Members nested) {
                return new ConfigSection(where + ": " + key, nested);
            }
            throw found.fault("an object");
        });
    }

    /** The same, where keys that are not there have these values. */
    ConfigSection orElse(Map<String, Json> usual) {
        var all = new LinkedHashMap<>(usual);
        all.putAll(members.members());
        return new ConfigSection(where, new Json.Members(all));
    }

    /** Whether the key is there, be it with null: where the usual value is not that of null. */
    boolean mentions(String key) {
        return members.members().containsKey(key);
    }

    /** A size; where the key is not there at all {@code otherwise}, empty where it is null. */
    OptionalInt sizeUnlessNull(int otherwise, String key) {
        return mentions(key) ? size(LARGEST_SIZE, key) : OptionalInt.of(otherwise);
    }

    /** A number above 0; where the key is not there at all {@code otherwise}, 0 where it is null. */
    float positiveUnlessNull(double otherwise, String key) {
        return (float) (mentions(key) ? between(0, 1e9, 0, key) : otherwise);
    }

    /** The elements of an array, empty where it is absent. */
    Optional<List<Json>> array(String key) {
        return find(key).map(found -> {
            if (found.value() instanceof Json.Array(List<Json> values)) {
                return values;
            }
            throw found.fault("an array");
        });
    }

    /** Refuses a key whose value, where it is there, is not the one this engine (or the reference) computes with. */
    void only(Json expected, String key, String why) {
        find(key).ifPresent(found -> {
            if (!found.agrees(new Found(this, key, expected))) {
                throw found.fault(expected.kind() + ": " + why);
            }
        });
    }

    /** Refuses a flag that is not {@code expected}. */
    void only(boolean expected, String key, String why) {
        only(new Json.Flag(expected), key, why);
    }

    /** Refuses a key that is there. */
    void absent(String key, String why) {
        find(key).ifPresent(found -> {
            throw found.fault("nothing: " + why);
        });
    }

    /** The keys of this object. */
    Iterable<String> keys() {
        return members.members().keySet();
    }

    @Override
    public String toString() {
        return where;
    }
}
