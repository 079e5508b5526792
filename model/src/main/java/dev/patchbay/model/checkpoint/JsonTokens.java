package dev.patchbay.model.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.patchbay.model.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;

/** The tokens of one JSON text under the limits of {@link Json}; every fault is an {@link InputException}. */
final class JsonTokens implements AutoCloseable {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Json.MAX_DEPTH)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /** Values in one text: more than any checkpoint needs, and few enough for a small heap. */
    private static final int MOST_VALUES = 1 << 21;

    private final JsonParser parser;
    private final String where;
    private int values;

    /**
     * Starts before the first token.
     *
     * @param utf8 the text; the caller has bounded its size
     * @param where what the text is, for messages
     */
    JsonTokens(byte[] utf8, String where) {
        this.where = where;
        if (utf8.length >= 3 && utf8[0] == (byte) 0xef && utf8[1] == (byte) 0xbb && utf8[2] == (byte) 0xbf) {
            throw new InputException(where + ": it begins with a byte order mark");
        }
        // Decoding here, not in the parser: the parser would guess UTF-16 from zero bytes and lets some bad UTF-8 pass.
        var decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        try {
            parser = FACTORY.createParser(new InputStreamReader(new ByteArrayInputStream(utf8), decoder));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Goes to the next token. */
    JsonToken next() {
        var token = advance();
        if (token.isEmpty()) {
            throw fault("it ends early");
        }
        return token.get();
    }

    /** The token last read. */
    JsonToken current() {
        return parser.currentToken();
    }

    /** Goes to the next token and insists on its kind. */
    void expect(JsonToken token, String what) {
        if (next() != token) {
            throw fault("expected " + what + ", found " + value().kind());
        }
    }

    /** Insists that nothing follows the value just read. */
    void end() {
        if (advance().isPresent()) {
            throw fault("something follows the first value");
        }
    }

    /** The string or member name of the current token. */
    String text() {
        try {
            var text = parser.getText();
            if (hasUnpairedSurrogate(text)) {
                throw fault("a string holds half of a surrogate pair");
            }
            return text;
        } catch (IOException bad) {
            throw translated(bad);
        }
    }

    /** The integer of the current token, or −1 where it is none in [0, 10^18) written without fraction and exponent. */
    long count() {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            return -1;
        }
        var digits = text();
        return digits.length() > 18 || digits.charAt(0) == '-' ? -1 : Long.parseLong(digits);
    }

    /** The value that begins at the current token, read to its end. */
    Json value() {
        if (++values > MOST_VALUES) {
            throw fault("more than " + MOST_VALUES + " values");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> members();
            case START_ARRAY -> array();
            case VALUE_STRING -> new Json.Text(text());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Json.Numeral(text());
            case VALUE_TRUE -> new Json.Flag(true);
            case VALUE_FALSE -> new Json.Flag(false);
            case VALUE_NULL -> new Json.Null();
            default -> throw fault("a value is missing");
        };
    }

    private Json members() {
        var members = new LinkedHashMap<String, Json>();
        while (next() != JsonToken.END_OBJECT) {
            var name = text();
            next();
            if (members.put(name, value()) != null) {
                throw fault("the key " + Names.quote(name) + " occurs twice in one object");
            }
        }
        return new Json.Members(members);
    }

    private Json array() {
        var values = new ArrayList<Json>();
        while (next() != JsonToken.END_ARRAY) {
            values.add(value());
        }
        return new Json.Array(values);
    }

    /** An error at the present place of this text. */
    InputException fault(String what) {
        return new InputException(where + ": " + what + place());
    }

    private Optional<JsonToken> advance() {
        try {
            return Optional.ofNullable(parser.nextToken());
        } catch (IOException bad) {
            throw translated(bad);
        }
    }

    private InputException translated(IOException bad) {
        return switch (bad) {
            case CharacterCodingException _ -> new InputException(where + ": not UTF-8 text", bad);
            case StreamConstraintsException limit ->
                new InputException(where + ": beyond a limit: " + limit.getOriginalMessage(), bad);
            case JsonProcessingException syntax ->
                new InputException(where + ": not JSON: " + syntax.getOriginalMessage() + place(), bad);
            default -> new InputException(where + ": cannot be read: " + bad.getMessage(), bad);
        };
    }

    private String place() {
        return " (near character " + parser.currentLocation().getCharOffset() + ")";
    }

    private static boolean hasUnpairedSurrogate(String text) {
        for (int at = 0; at < text.length(); at++) {
            char unit = text.charAt(at);
            if (Character.isHighSurrogate(unit)
                    && at + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(at + 1))) {
                at++;
            } else if (Character.isSurrogate(unit)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
