package dev.patchbay.model.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.patchbay.model.InputException;
import dev.patchbay.model.input.Names;
import dev.patchbay.model.input.Utf8;
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

/**
 * The tokens of one JSON text, read strictly: UTF-8 without byte order mark, no unpaired surrogates, no NaN, bounded depth,
 * strings and values. Small parts are read whole as {@link Json}, where no key may occur twice; long ones are read token by
 * token, and the reader looks for duplicate keys itself. Every fault is an {@link InputException} that says where. Used by
 * one thread.
 */
public final class JsonTokens implements AutoCloseable {
    /** What a text may be; kept by those who read many, since making one is slow. */
    public static final class Limits {
        /** Of headers, indices, configurations and of everything that has no limits of its own. */
        public static final Limits USUAL = new Limits(Json.MAX_DEPTH, Integer.MAX_VALUE, 1 << 21);

        private final JsonFactory factory;
        private final int values;

        /**
         * Limits.
         *
         * @param depth deepest nesting
         * @param stringLength longest string, in UTF-16 units
         * @param values most values that are read whole
         */
        public Limits(int depth, int stringLength, int values) {
            this.values = values;
            factory = JsonFactory.builder()
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(depth)
                            .maxStringLength(stringLength)
                            .maxNameLength(1 << 16)
                            .build())
                    .build();
        }
    }

    /** Kinds of tokens. */
    public enum Kind {
        OBJECT,
        OBJECT_END,
        ARRAY,
        ARRAY_END,
        /** The name of a member. */
        NAME,
        STRING,
        /** A number without fraction and exponent. */
        INTEGER,
        /** A number with fraction or exponent. */
        FRACTION,
        TRUE,
        FALSE,
        NULL;

        private static Kind of(JsonToken token) {
            return switch (token) {
                case START_OBJECT -> OBJECT;
                case END_OBJECT -> OBJECT_END;
                case START_ARRAY -> ARRAY;
                case END_ARRAY -> ARRAY_END;
                case FIELD_NAME -> NAME;
                case VALUE_STRING -> STRING;
                case VALUE_NUMBER_INT -> INTEGER;
                case VALUE_NUMBER_FLOAT -> FRACTION;
                case VALUE_TRUE -> TRUE;
                case VALUE_FALSE -> FALSE;
                case VALUE_NULL -> NULL;
                case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> throw new IllegalStateException("no JSON token: " + token);
            };
        }

        /** Whether it is a number. */
        public boolean isNumber() {
            return this == INTEGER || this == FRACTION;
        }
    }

    private final byte[] utf8;
    private final String where;
    private final Limits limits;
    private final JsonParser parser;
    private int values;

    /** Starts before the first token, with the usual limits. */
    public JsonTokens(byte[] utf8, String where) {
        this(utf8, where, Limits.USUAL);
    }

    /**
     * Starts before the first token.
     *
     * @param utf8 the text; the caller has bounded its size and does not change it
     * @param where what the text is, for messages
     */
    public JsonTokens(byte[] utf8, String where, Limits limits) {
        this.utf8 = utf8;
        this.where = where;
        this.limits = limits;
        if (utf8.length >= 3 && utf8[0] == (byte) 0xef && utf8[1] == (byte) 0xbb && utf8[2] == (byte) 0xbf) {
            throw new InputException(where + ": it begins with a byte order mark");
        }
        // Decoding here, not in the parser: the parser would guess UTF-16 from zero bytes and lets some bad UTF-8 pass.
        var decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        try {
            parser = limits.factory.createParser(new InputStreamReader(new ByteArrayInputStream(utf8), decoder));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Goes to the next token. */
    public Kind next() {
        var token = advance();
        if (token.isEmpty()) {
            throw fault("it ends early");
        }
        return Kind.of(token.get());
    }

    /** The token last read. */
    public Kind current() {
        return Kind.of(parser.currentToken());
    }

    /** Goes to the next token and insists on its kind. */
    public void expect(Kind kind, String what) {
        if (next() != kind) {
            throw fault("expected " + what + ", found " + found());
        }
    }

    private String found() {
        return switch (current()) {
            case OBJECT_END -> "the end of the object";
            case ARRAY_END -> "the end of the array";
            case NAME -> "the name " + Names.quote(text());
            default -> value().kind();
        };
    }

    /** Insists that nothing follows the value just read. */
    public void end() {
        if (advance().isPresent()) {
            throw fault("something follows the first value");
        }
    }

    /** The string, member name or number of the current token, as written. */
    public String text() {
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
    public long count() {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            return -1;
        }
        var digits = text();
        return digits.length() > 18 || digits.charAt(0) == '-' ? -1 : Long.parseLong(digits);
    }

    /** The value that begins at the current token, read to its end. */
    public Json value() {
        if (++values > limits.values) {
            throw fault("more than " + limits.values + " values");
        }
        return switch (current()) {
            case OBJECT -> members();
            case ARRAY -> array();
            case STRING -> new Json.Text(text());
            case INTEGER, FRACTION -> new Json.Numeral(text());
            case TRUE -> new Json.Flag(true);
            case FALSE -> new Json.Flag(false);
            case NULL -> new Json.Null();
            case OBJECT_END, ARRAY_END, NAME -> throw fault("a value is missing");
        };
    }

    private Json members() {
        var members = new LinkedHashMap<String, Json>();
        while (next() != Kind.OBJECT_END) {
            var name = text();
            next();
            if (members.put(name, value()) != null) {
                throw fault("the key " + Names.quote(name) + " occurs twice in one object");
            }
        }
        return new Json.Members(members);
    }

    private Json array() {
        var items = new ArrayList<Json>();
        while (next() != Kind.ARRAY_END) {
            items.add(value());
        }
        return new Json.Array(items);
    }

    /** An error at the present place of this text. */
    public InputException fault(String what) {
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
            case CharacterCodingException _ ->
                new InputException(where + ": not UTF-8 text (at byte " + Utf8.firstMalformed(utf8) + ")", bad);
            case StreamConstraintsException limit ->
                new InputException(where + ": beyond a limit: " + limit.getOriginalMessage() + place(), bad);
            case JsonProcessingException syntax ->
                new InputException(where + ": not JSON: " + syntax.getOriginalMessage() + place(), bad);
            default -> new InputException(where + ": cannot be read: " + bad.getMessage(), bad);
        };
    }

    private String place() {
        long units = Math.max(0, parser.currentLocation().getCharOffset());
        return " (near byte " + Utf8.bytesOf(utf8, units) + ")";
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
