package dev.patchbay.model.tokenizer;

import com.fasterxml.jackson.core.JsonToken;
import dev.patchbay.model.InputException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A {@code tokenizer.json} that has been read once and checked: at most 128 MiB of UTF-8, no duplicate keys, bounded depth,
 * known components, published regular expressions, a vocabulary of sane ids, no random dropout. Only such a file reaches
 * the native library.
 */
final class TokenizerFile {
    private static final int MOST_BYTES = 128 << 20;
    private static final int MOST_IDS = 1 << 22;

    private final String where;
    private final String json;
    private final String digest;
    private final ComponentCheck components;
    private final Map<Integer, String> tokens = new HashMap<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private int size;

    private TokenizerFile(Path path, byte[] bytes, boolean allowAnyRegex) {
        where = path.toString();
        json = StrictJson.text(bytes, path);
        digest = sha256(bytes);
        components = new ComponentCheck(where, allowAnyRegex);
    }

    /** Reads and checks a file. */
    static TokenizerFile read(Path path, boolean allowAnyRegex) {
        var file = new TokenizerFile(path, StrictJson.read(path, MOST_BYTES), allowAnyRegex);
        try (var reader = new StrictJson(file.json, file.where)) {
            file.check(reader);
        }
        return file;
    }

    /** The checked text, exactly as in the file. */
    String json() {
        return json;
    }

    /** The file's name, for messages. */
    String where() {
        return where;
    }

    /** SHA-256 of the file. */
    String digest() {
        return digest;
    }

    /** One past the largest id. */
    int size() {
        return size;
    }

    /** The token of an id. */
    Optional<String> token(int id) {
        return Optional.ofNullable(tokens.get(id));
    }

    /** The id of a token. */
    OptionalInt id(String token) {
        var id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    private void check(StrictJson reader) {
        reader.expect(JsonToken.START_OBJECT, "an object");
        boolean model = false;
        while (reader.next() != JsonToken.END_OBJECT) {
            var name = reader.text();
            var place = ComponentCheck.Place.named(name);
            if (place.isPresent()) {
                components.check(place.get(), reader.value());
                continue;
            }
            switch (name) {
                case "model" -> {
                    checkModel(reader);
                    model = true;
                }
                case "added_tokens" -> reader.value().list().forEach(this::addToken);
                case "version", "truncation", "padding" -> reader.value();
                default -> throw reader.fault("\"" + name + "\" is no part of a tokenizer");
            }
        }
        reader.end();
        if (!model) {
            throw new InputException(where + ": it has no \"model\"");
        }
    }

    private void checkModel(StrictJson reader) {
        reader.expect(JsonToken.START_OBJECT, "the model, an object,");
        Optional<String> type = Optional.empty();
        boolean merges = false;
        boolean pieces = false;
        while (reader.next() != JsonToken.END_OBJECT) {
            var name = reader.text();
            switch (name) {
                case "vocab" -> pieces = readVocabulary(reader);
                case "merges" -> {
                    checkMerges(reader);
                    merges = true;
                }
                case "type" -> type = reader.value().string();
                case "dropout" -> checkDropout(reader.value());
                default -> reader.value();
            }
        }
        // Old files do not say the type of their model.
        var inferred = type.orElse(merges ? "BPE" : pieces ? "Unigram" : "without a type");
        var known = switch (inferred) {
            case "BPE" -> merges && !pieces;
            case "Unigram" -> pieces;
            case "WordPiece", "WordLevel" -> !merges && !pieces;
            default -> false;
        };
        if (!known || tokens.isEmpty()) {
            throw new InputException(where + ": the model is " + inferred
                    + ", expected BPE, Unigram, WordPiece or WordLevel with the vocabulary that goes with it");
        }
    }

    private void checkDropout(JsonNode dropout) {
        if (dropout != JsonNode.Null.NULL
                && !(dropout instanceof JsonNode.Scalar(String text) && text.matches("0(\\.0+)?"))) {
            throw new InputException(where + ": the model has dropout, which makes encoding random; set it to null");
        }
    }

    /** Reads an object of ids by token, or an array of pieces and scores; says whether it was the latter. */
    private boolean readVocabulary(StrictJson reader) {
        var start = reader.next();
        if (start == JsonToken.START_ARRAY) {
            for (int id = 0; reader.next() != JsonToken.END_ARRAY; id++) {
                if (id >= MOST_IDS) {
                    throw reader.fault("it has more than " + MOST_IDS + " pieces");
                }
                reader.expect(JsonToken.VALUE_STRING, "a piece");
                put(id, reader.text());
                if (!reader.next().isNumeric()) {
                    throw reader.fault("a piece without a score");
                }
                reader.expect(JsonToken.END_ARRAY, "the end of a piece and its score");
            }
            return true;
        }
        if (start != JsonToken.START_OBJECT) {
            throw reader.fault("the vocabulary is neither an object nor an array");
        }
        while (reader.next() != JsonToken.END_OBJECT) {
            var token = reader.text();
            reader.next();
            put(reader.integer(MOST_IDS, "the id of a token"), token);
        }
        return false;
    }

    private static void checkMerges(StrictJson reader) {
        reader.expect(JsonToken.START_ARRAY, "the list of merges");
        for (var token = reader.next(); token != JsonToken.END_ARRAY; token = reader.next()) {
            if (token == JsonToken.START_ARRAY) {
                reader.expect(JsonToken.VALUE_STRING, "the first part of a merge");
                reader.expect(JsonToken.VALUE_STRING, "the second part of a merge");
                reader.expect(JsonToken.END_ARRAY, "the end of a merge");
            } else if (token != JsonToken.VALUE_STRING) {
                throw reader.fault("a merge is a string or two strings");
            }
        }
    }

    private void addToken(JsonNode added) {
        var id = added.member("id");
        var content = added.member("content").flatMap(JsonNode::string);
        if (content.isEmpty()
                || id.isEmpty()
                || !(id.get() instanceof JsonNode.Scalar(String text))
                || !text.matches("[0-9]{1,7}")
                || Integer.parseInt(text) >= MOST_IDS) {
            throw new InputException(where + ": an added token without content or without an id below " + MOST_IDS);
        }
        put(Integer.parseInt(text), content.get());
    }

    private void put(int id, String token) {
        tokens.put(id, token);
        ids.put(token, id);
        size = Math.max(size, id + 1);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }
}
