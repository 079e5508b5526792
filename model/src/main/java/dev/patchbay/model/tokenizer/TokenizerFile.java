package dev.patchbay.model.tokenizer;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.JsonTokens;
import dev.patchbay.model.checkpoint.JsonTokens.Kind;
import dev.patchbay.model.input.Digests;
import dev.patchbay.model.input.Names;
import dev.patchbay.model.input.StableFile;
import dev.patchbay.model.input.Utf8;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * A {@code tokenizer.json} that has been read once and checked: at most 128 MiB of UTF-8, no duplicate keys, bounded depth,
 * known components, published regular expressions, a vocabulary of sane ids, no random dropout. Only such a file reaches
 * the native library.
 */
final class TokenizerFile {
    private static final int MOST_BYTES = 128 << 20;
    private static final JsonTokens.Limits LIMITS = new JsonTokens.Limits(24, 4 << 20, 1 << 20);

    private final String where;
    private final String json;
    private final String digest;
    private final ComponentCheck components;
    private final Vocabulary vocabulary = new Vocabulary();

    private TokenizerFile(String where, byte[] bytes, boolean allowAnyRegex) {
        this.where = where;
        json = Utf8.decode(bytes, where);
        digest = HexFormat.of().formatHex(Digests.sha256().digest(bytes));
        components = new ComponentCheck(where, allowAnyRegex);
    }

    /** Reads and checks a file. */
    static TokenizerFile read(Path path, boolean allowAnyRegex) {
        return InputCode.TOK.reasonOf(
                () -> parse(StableFile.readAll(path, MOST_BYTES, "a tokenizer.json"), path.toString(), allowAnyRegex));
    }

    /**
     * Checks the bytes of a file.
     *
     * @param where the file, for messages
     */
    static TokenizerFile parse(byte[] bytes, String where, boolean allowAnyRegex) {
        return InputCode.TOK.reasonOf(() -> {
            var file = new TokenizerFile(where, bytes, allowAnyRegex);
            try (var tokens = new JsonTokens(bytes, where, LIMITS)) {
                file.check(tokens);
            }
            return file;
        });
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

    /** Its tokens. */
    Vocabulary vocabulary() {
        return vocabulary;
    }

    private void check(JsonTokens tokens) {
        tokens.expect(Kind.OBJECT, "an object");
        var seen = new HashSet<String>();
        while (tokens.next() != Kind.OBJECT_END) {
            var name = uniqueName(tokens, seen);
            if (name.equals("model")) {
                checkModel(tokens);
                continue;
            }
            tokens.next();
            var place = ComponentCheck.Place.named(name);
            if (place.isPresent()) {
                components.check(place.get(), tokens.value());
                continue;
            }
            switch (name) {
                case "added_tokens" -> tokens.value().list().forEach(this::addToken);
                case "version", "truncation", "padding" -> tokens.value();
                default -> throw tokens.fault(Names.quote(name) + " is no part of a tokenizer");
            }
        }
        tokens.end();
        if (!seen.contains("model")) {
            throw new InputException(where + ": it has no \"model\"");
        }
    }

    private static String uniqueName(JsonTokens tokens, Set<String> seen) {
        var name = tokens.text();
        if (!seen.add(name)) {
            throw tokens.fault("the key " + Names.quote(name) + " occurs twice in one object");
        }
        return name;
    }

    private void addToken(Json added) {
        if (!vocabulary.add(added)) {
            throw new InputException(
                    where + ": an added token without content or without an id below " + Vocabulary.MOST_IDS);
        }
    }

    private void checkModel(JsonTokens tokens) {
        tokens.expect(Kind.OBJECT, "the model, an object,");
        Optional<String> type = Optional.empty();
        boolean pieces = false;
        var seen = new HashSet<String>();
        while (tokens.next() != Kind.OBJECT_END) {
            switch (uniqueName(tokens, seen)) {
                case "vocab" -> pieces = vocabulary.read(tokens);
                case "merges" -> checkMerges(tokens);
                case "type" -> type = next(tokens).string();
                case "dropout" -> checkDropout(next(tokens));
                default -> next(tokens);
            }
        }
        boolean merges = seen.contains("merges");
        // Old files do not say the type of their model.
        var inferred = type.orElse(merges ? "BPE" : pieces ? "Unigram" : "without a type");
        var known = switch (inferred) {
            case "BPE" -> merges && !pieces;
            case "Unigram" -> pieces;
            case "WordPiece", "WordLevel" -> !merges && !pieces;
            default -> false;
        };
        if (!known || vocabulary.isEmpty()) {
            throw new InputException(where + ": the model is " + Names.quote(inferred)
                    + ", expected BPE, Unigram, WordPiece or WordLevel with the vocabulary that goes with it");
        }
    }

    private static Json next(JsonTokens tokens) {
        tokens.next();
        return tokens.value();
    }

    private void checkDropout(Json dropout) {
        if (!(dropout instanceof Json.Null)
                && !(dropout instanceof Json.Numeral(String text) && text.matches("0(\\.0+)?"))) {
            throw new InputException(where + ": the model has dropout, which makes encoding random; set it to null");
        }
    }

    private static void checkMerges(JsonTokens tokens) {
        tokens.expect(Kind.ARRAY, "the list of merges");
        for (var token = tokens.next(); token != Kind.ARRAY_END; token = tokens.next()) {
            if (token == Kind.ARRAY) {
                tokens.expect(Kind.STRING, "the first part of a merge");
                tokens.expect(Kind.STRING, "the second part of a merge");
                tokens.expect(Kind.ARRAY_END, "the end of a merge");
            } else if (token != Kind.STRING) {
                throw tokens.fault("a merge is a string or two strings");
            }
        }
    }
}
