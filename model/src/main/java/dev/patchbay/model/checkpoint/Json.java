package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputException;
import dev.patchbay.model.input.Names;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON value, read strictly: UTF-8 without byte order mark, no duplicate keys, no unpaired surrogates, no NaN, at most
 * {@value #MAX_DEPTH} levels deep and two million values, nothing but white space after it.
 */
public sealed interface Json {
    /** Deepest nesting that is read. */
    int MAX_DEPTH = 16;

    /**
     * Reads one value.
     *
     * @param utf8 the whole text
     * @param where what the text is, for messages
     * @throws InputException where it is not such a value
     */
    static Json parse(byte[] utf8, String where) {
        try (var tokens = new JsonTokens(utf8, where)) {
            tokens.next();
            var value = tokens.value();
            tokens.end();
            return value;
        }
    }

    /** What kind of value this is, for messages. */
    default String kind() {
        return switch (this) {
            case Null _ -> "null";
            case Flag flag -> String.valueOf(flag.value());
            case Numeral number -> number.text();
            case Text text -> "the text " + Names.quote(text.value());
            case Array _ -> "an array";
            case Members _ -> "an object";
        };
    }

    /** A member of an object; empty where there is none, it is null, or this is no object. */
    default Optional<Json> member(String name) {
        return this instanceof Members object ? object.find(name) : Optional.empty();
    }

    /** The string that this is. */
    default Optional<String> string() {
        return this instanceof Text text ? Optional.of(text.value()) : Optional.empty();
    }

    /** The items of an array; none where this is no array. */
    default List<Json> list() {
        return this instanceof Array array ? array.values() : List.of();
    }

    /** {@code null}. */
    record Null() implements Json {}

    /** {@code true} or {@code false}. */
    record Flag(boolean value) implements Json {}

    /** A string. */
    record Text(String value) implements Json {}

    /** An array. */
    record Array(List<Json> values) implements Json {
        public Array {
            values = List.copyOf(values);
        }
    }

    /**
     * A number as it is written.
     *
     * @param text its characters
     */
    record Numeral(String text) implements Json {
        /** Whether it is written without fraction and exponent. */
        public boolean isInteger() {
            return text.chars().allMatch(digit -> digit == '-' || (digit >= '0' && digit <= '9'));
        }

        /** The nearest double; infinite where there is none. */
        public double value() {
            return Double.parseDouble(text);
        }
    }

    /** An object; members keep the order of the text. */
    record Members(Map<String, Json> members) implements Json {
        public Members {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        /** The member of that name; empty where it is absent or null. */
        public Optional<Json> find(String name) {
            return Optional.ofNullable(members.get(name)).filter(value -> !(value instanceof Null));
        }
    }
}
