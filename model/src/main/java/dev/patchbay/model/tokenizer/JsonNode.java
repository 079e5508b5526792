package dev.patchbay.model.tokenizer;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A small JSON value, held whole. */
sealed interface JsonNode {
    /** An object; names are unique and in the order of the file. */
    record Members(Map<String, JsonNode> members) implements JsonNode {}

    /** An array. */
    record Items(List<JsonNode> items) implements JsonNode {}

    /** A string. */
    record Text(String value) implements JsonNode {}

    /** A number or a truth value, as written. */
    record Scalar(String text) implements JsonNode {}

    /** {@code null}. */
    enum Null implements JsonNode {
        NULL
    }

    /** A member of an object, empty where there is none or it is {@code null}. */
    default Optional<JsonNode> member(String name) {
        return this instanceof Members object
                ? Optional.ofNullable(object.members().get(name)).filter(value -> value != Null.NULL)
                : Optional.empty();
    }

    /** The string that this is. */
    default Optional<String> string() {
        return this instanceof Text text ? Optional.of(text.value()) : Optional.empty();
    }

    /** The items of an array; none where this is no array. */
    default List<JsonNode> list() {
        return this instanceof Items array ? array.items() : List.of();
    }
}
