package dev.patchbay.model.config;

import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import java.util.ArrayList;
import java.util.List;
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
        return new InputException(where + ": " + key + ": expected " + expected + ", found " + found);
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
        var found = find(keys);
        return found.isPresent() ? OptionalDouble.of(found.get().number()) : OptionalDouble.empty();
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

    /** The keys of this object. */
    Iterable<String> keys() {
        return members.members().keySet();
    }

    @Override
    public String toString() {
        return where;
    }
}
