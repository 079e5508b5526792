package dev.patchbay.model.tokenizer;

import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.JsonTokens;
import dev.patchbay.model.checkpoint.JsonTokens.Kind;
import dev.patchbay.model.input.Names;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Tokens and their ids, as a tokenizer file gives them. */
final class Vocabulary {
    /** One past the largest id that is read. */
    static final int MOST_IDS = 1 << 22;

    private final Map<Integer, String> byId = new HashMap<>();
    private final Map<String, Integer> byToken = new HashMap<>();
    private int size;

    /** One past the largest id. */
    int size() {
        return size;
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    /** The token of an id. */
    Optional<String> token(int id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** The id of a token. */
    OptionalInt id(String token) {
        var id = byToken.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Reads an object of ids by token, or an array of pieces and scores; says whether it was the latter. */
    boolean read(JsonTokens tokens) {
        return switch (tokens.next()) {
            case ARRAY -> {
                readPieces(tokens);
                yield true;
            }
            case OBJECT -> {
                readIds(tokens);
                yield false;
            }
            default -> throw tokens.fault("the vocabulary is neither an object nor an array");
        };
    }

    private void readPieces(JsonTokens tokens) {
        for (int id = 0; tokens.next() != Kind.ARRAY_END; id++) {
            if (id >= MOST_IDS) {
                throw tokens.fault("it has more than " + MOST_IDS + " pieces");
            }
            if (tokens.current() != Kind.ARRAY) {
                throw tokens.fault("a piece is a pair of a text and a score");
            }
            tokens.expect(Kind.STRING, "a piece");
            put(id, tokens.text());
            if (!tokens.next().isNumber()) {
                throw tokens.fault("a piece without a score");
            }
            tokens.expect(Kind.ARRAY_END, "the end of a piece and its score");
        }
    }

    private void readIds(JsonTokens tokens) {
        var seen = new HashSet<String>();
        while (tokens.next() != Kind.OBJECT_END) {
            var token = tokens.text();
            if (!seen.add(token)) {
                throw tokens.fault("the token " + Names.quote(token) + " occurs twice in the vocabulary");
            }
            tokens.next();
            long id = tokens.count();
            if (id < 0 || id >= MOST_IDS) {
                throw tokens.fault("the id of a token is a whole number from 0 to " + (MOST_IDS - 1) + ", not "
                        + tokens.value().kind());
            }
            put((int) id, token);
        }
    }

    /** Adds a token from the list of added ones; says whether it is one. */
    boolean add(Json added) {
        var content = added.member("content").flatMap(Json::string);
        var id = added.member("id");
        if (content.isEmpty()
                || id.isEmpty()
                || !(id.get() instanceof Json.Numeral(String digits))
                || !digits.matches("[0-9]{1,7}")
                || Integer.parseInt(digits) >= MOST_IDS) {
            return false;
        }
        put(Integer.parseInt(digits), content.get());
        return true;
    }

    private void put(int id, String token) {
        byId.put(id, token);
        byToken.put(token, id);
        size = Math.max(size, id + 1);
    }
}
