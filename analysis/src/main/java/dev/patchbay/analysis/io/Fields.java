package dev.patchbay.analysis.io;

import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The members of one JSON object of a file. Each is asked for by name; every fault is one {@link InputException} that says
 * where it is, in which field, what was expected and what was found.
 *
 * @param where the file and the place in it, for example {@code pairs.jsonl line 3}
 * @param members the object
 */
public record Fields(String where, Map<String, Json> members) {
    /** Keeps the order of the members. */
    public Fields {
        members = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /**
     * Reads an object.
     *
     * @throws InputException where {@code value} is none, or has a member that is not in {@code known}
     */
    public static Fields of(Json value, String where, List<String> known) {
        if (!(value instanceof Json.Members object)) {
            throw new InputException(where + ": expected an object {…}, found " + value.kind());
        }
        for (String name : object.members().keySet()) {
            if (!known.contains(name)) {
                throw new InputException(where + ": field '" + name + "' is unknown; expected only "
                        + String.join(", ", known) + "; remove or rename it");
            }
        }
        return new Fields(where, object.members());
    }

    /** The member of that name; empty where it is absent or null. */
    public Optional<Json> find(String name) {
        return Optional.ofNullable(members.get(name)).filter(value -> !(value instanceof Json.Null));
    }

    /** The member of that name, which must be there. */
    public Json require(String name, String expected) {
        return find(name).orElseThrow(() -> fault(name, expected, "nothing"));
    }

    /** An error about a field. */
    public InputException fault(String field, String expected, String found) {
        return new InputException(where + ": field '" + field + "': expected " + expected + ", found " + found);
    }

    /** A text. */
    public String text(String field, Json value) {
        if (value instanceof Json.Text(String text)) {
            return text;
        }
        throw fault(field, "a text", value.kind());
    }

    /** An integer that fits 32 bits. */
    public int integer(String field, Json value, String expected) {
        if (value instanceof Json.Numeral number && number.isInteger()) {
            try {
                return Integer.parseInt(number.text());
            } catch (NumberFormatException outOfRange) {
                throw new InputException(
                        where + ": field '" + field + "': expected " + expected + ", found " + number.text(),
                        outOfRange);
            }
        }
        throw fault(field, expected, value.kind());
    }

    /** A finite number. */
    public double number(String field, Json value) {
        if (value instanceof Json.Numeral number && Double.isFinite(number.value())) {
            return number.value();
        }
        throw fault(field, "a finite number", value.kind());
    }

    /** The values of an array. */
    public List<Json> array(String field, Json value, String expected) {
        if (value instanceof Json.Array(List<Json> values)) {
            return values;
        }
        throw fault(field, expected, value.kind());
    }

    /** An array of integers that fit 32 bits. */
    public List<Integer> integers(String field, Json value, String expected) {
        var numbers = new ArrayList<Integer>();
        for (Json each : array(field, value, expected)) {
            numbers.add(integer(field, each, expected));
        }
        return List.copyOf(numbers);
    }
}
