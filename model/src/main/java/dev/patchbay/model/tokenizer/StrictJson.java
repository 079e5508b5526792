package dev.patchbay.model.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.patchbay.model.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;

/**
 * A JSON file read as a stream of tokens: strict UTF-8, no duplicate keys, bounded size, depth and strings. Small parts are
 * read whole as {@link JsonNode}s, long ones item by item.
 */
final class StrictJson implements AutoCloseable {
    private static final int DEEPEST = 24;
    private static final int LONGEST_STRING = 4 << 20;
    private static final int MOST_NODES = 1 << 20;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(LONGEST_STRING)
                    .maxNameLength(1 << 16)
                    .maxNumberLength(64)
                    .build())
            .build();

    private final String where;
    private final JsonParser parser;
    private int nodes;

    StrictJson(String text, String where) {
        this.where = where;
        try {
            parser = FACTORY.createParser(text);
        } catch (IOException unreadable) {
            throw fault(unreadable);
        }
    }

    /** The text of a file of at most {@code mostBytes} bytes. */
    static byte[] read(Path path, int mostBytes) {
        try (var stream = Files.newInputStream(path)) {
            var bytes = stream.readNBytes(mostBytes + 1);
            if (bytes.length > mostBytes) {
                throw new InputException(path + ": larger than the " + mostBytes + " bytes allowed for it");
            }
            return bytes;
        } catch (IOException unreadable) {
            throw new InputException(path + ": cannot be read: " + unreadable, unreadable);
        }
    }

    /** Bytes as text, every one of them valid UTF-8. */
    static String text(byte[] bytes, Path path) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw new InputException(path + ": not UTF-8 text", malformed);
        }
    }

    /** The next token, which must be there. */
    JsonToken next() {
        try {
            var token = parser.nextToken();
            if (token == null) {
                throw fault("it ends early");
            }
            return token;
        } catch (IOException malformed) {
            throw fault(malformed);
        }
    }

    /** Goes on to a token of this kind. */
    void expect(JsonToken kind, String what) {
        var found = next();
        if (found != kind) {
            throw fault(what + " is expected, not " + found);
        }
    }

    /** Checks that nothing follows. */
    void end() {
        try {
            if (parser.nextToken() != null) {
                throw fault("there is something behind the end");
            }
        } catch (IOException malformed) {
            throw fault(malformed);
        }
    }

    /** The text of the current token: a name, a string, a number. */
    String text() {
        try {
            return parser.getText();
        } catch (IOException malformed) {
            throw fault(malformed);
        }
    }

    /** The current token as a whole number in {@code [0, limit)}. */
    int integer(int limit, String what) {
        try {
            if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
                var value = parser.getBigIntegerValue();
                if (value.signum() >= 0 && value.bitLength() < Integer.SIZE && value.intValue() < limit) {
                    return value.intValue();
                }
            }
            throw fault(what + " is a whole number from 0 to " + (limit - 1) + ", not " + parser.getText());
        } catch (IOException malformed) {
            throw fault(malformed);
        }
    }

    /** The value that begins at the next token, whole. */
    JsonNode value() {
        return value(next());
    }

    private JsonNode value(JsonToken first) {
        if (++nodes > MOST_NODES) {
            throw fault("it has more than " + MOST_NODES + " values outside the vocabulary");
        }
        return switch (first) {
            case START_OBJECT -> {
                var members = new LinkedHashMap<String, JsonNode>();
                while (next() != JsonToken.END_OBJECT) {
                    var name = text();
                    members.put(name, value());
                }
                yield new JsonNode.Members(members);
            }
            case START_ARRAY -> {
                var items = new ArrayList<JsonNode>();
                for (var token = next(); token != JsonToken.END_ARRAY; token = next()) {
                    items.add(value(token));
                }
                yield new JsonNode.Items(items);
            }
            case VALUE_STRING -> new JsonNode.Text(text());
            case VALUE_NULL -> JsonNode.Null.NULL;
            case VALUE_TRUE, VALUE_FALSE, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNode.Scalar(text());
            default -> throw fault("unexpected " + first);
        };
    }

    /** An error in this file, at the current place. */
    InputException fault(String what) {
        return new InputException(where + ": " + what + " (line "
                + parser.currentTokenLocation().getLineNr() + ", column "
                + parser.currentTokenLocation().getColumnNr() + ")");
    }

    private InputException fault(IOException cause) {
        var message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        return new InputException(where + ": not the JSON that is expected: " + message, cause);
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException unlikely) {
            throw fault(unlikely);
        }
    }
}
