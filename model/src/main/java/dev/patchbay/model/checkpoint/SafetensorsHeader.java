package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.JsonTokens.Kind;
import dev.patchbay.model.input.Names;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The JSON header of a safetensors file, read strictly: what the format's specification says where the usual reader is laxer,
 * and bounds on everything that a hostile header could make large.
 *
 * @param tensors by name, in the order of their data
 * @param metadata the file's own notes
 * @param warnings what was tolerated
 */
record SafetensorsHeader(
        SequencedMap<String, StoredTensor> tensors, Map<String, String> metadata, List<String> warnings) {

    private static final int MOST_TENSORS = 1_000_000;
    private static final int HIGHEST_RANK = 8;
    private static final long LARGEST_DIMENSION = (1L << 48) - 1;
    private static final int LONGEST_NAME = 1024;
    private static final String METADATA = "__metadata__";

    /**
     * Reads a header.
     *
     * @param json its bytes
     * @param dataLength bytes of the file after the header
     * @param where the file, for messages
     */
    static SafetensorsHeader parse(byte[] json, long dataLength, String where) {
        try (var tokens = new JsonTokens(json, "header of " + where)) {
            return new Reader(tokens, dataLength, where).read();
        }
    }

    private static final class Reader {
        private final JsonTokens tokens;
        private final long dataLength;
        private final String where;
        private final Map<String, StoredTensor> tensors = new HashMap<>();
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private final List<String> warnings = new ArrayList<>();
        private boolean metadataSeen;

        Reader(JsonTokens tokens, long dataLength, String where) {
            this.tokens = tokens;
            this.dataLength = dataLength;
            this.where = where;
        }

        SafetensorsHeader read() {
            tokens.expect(Kind.OBJECT, "an object");
            long claimed = 0;
            while (tokens.next() != Kind.OBJECT_END) {
                var name = tokens.text();
                tokens.next();
                if (name.equals(METADATA)) {
                    metadata();
                    continue;
                }
                var tensor = entry(name);
                if (tensors.put(name, tensor) != null) {
                    throw tokens.fault("two tensors have the name " + Names.quote(name))
                            .orFor(InputCode.ST_DUP);
                }
                if (tensors.size() > MOST_TENSORS) {
                    throw tokens.fault("more than " + MOST_TENSORS + " tensors");
                }
                claimed += tensor.bytes();
                if (claimed > dataLength) {
                    // Some overlap or lie outside: no need to read on through a header made to cost memory.
                    SafetensorsLayout.inOrder(tensors.values(), dataLength, where);
                }
            }
            tokens.end();
            var ordered = new LinkedHashMap<String, StoredTensor>();
            SafetensorsLayout.inOrder(tensors.values(), dataLength, where)
                    .forEach(tensor -> ordered.put(tensor.name(), tensor));
            return new SafetensorsHeader(
                    Collections.unmodifiableSequencedMap(ordered),
                    Collections.unmodifiableMap(metadata),
                    List.copyOf(warnings));
        }

        private void metadata() {
            if (metadataSeen) {
                throw tokens.fault(METADATA + " occurs twice").orFor(InputCode.ST_DUP);
            }
            metadataSeen = true;
            switch (tokens.value()) {
                case Json.Null _ -> {}
                case Json.Members notes -> notes.members().forEach(this::note);
                case Json other ->
                    throw tokens.fault(METADATA + ": expected an object of strings, found " + other.kind());
            }
        }

        private void note(String key, Json value) {
            if (value instanceof Json.Text text) {
                metadata.put(key, text.value());
            } else {
                throw tokens.fault(METADATA + ": " + Names.quote(key) + ": expected a string, found " + value.kind());
            }
        }

        private StoredTensor entry(String name) {
            if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
                throw tokens.fault("tensor name " + Names.quote(name) + ": longer than " + LONGEST_NAME + " bytes")
                        .orFor(InputCode.ST_NAME);
            }
            var entry = new EntryReader(name);
            return entry.read();
        }

        private final class EntryReader {
            private final String name;
            private final List<StoredType> type = new ArrayList<>(1);
            private final List<Long> shape = new ArrayList<>(2);
            private final List<Long> offsets = new ArrayList<>(2);
            private final HashSet<String> seen = new HashSet<>(4);

            EntryReader(String name) {
                this.name = name;
            }

            StoredTensor read() {
                if (tokens.current() != Kind.OBJECT) {
                    throw fault("expected an object, found " + tokens.value().kind());
                }
                while (tokens.next() != Kind.OBJECT_END) {
                    var field = tokens.text();
                    if (!seen.add(field)) {
                        throw fault("the field " + Names.quote(field) + " occurs twice")
                                .orFor(InputCode.ST_DUP);
                    }
                    tokens.next();
                    switch (field) {
                        case "dtype" -> type.add(type());
                        case "shape" ->
                            InputCode.ST_SHAPE.reasonOf(() -> counts("shape", HIGHEST_RANK, LARGEST_DIMENSION, shape));
                        case "data_offsets" ->
                            InputCode.ST_OFFSET.reasonOf(() -> counts("data_offsets", 2, Long.MAX_VALUE, offsets));
                        default -> {
                            tokens.value();
                            warnings.add(where + ": tensor " + Names.quote(name) + ": unknown field "
                                    + Names.quote(field) + " ignored");
                        }
                    }
                }
                for (var field : List.of("dtype", "shape", "data_offsets")) {
                    if (!seen.contains(field)) {
                        throw fault(field + " is missing");
                    }
                }
                if (offsets.size() != 2) {
                    throw fault("data_offsets: expected 2 numbers, found " + offsets.size())
                            .orFor(InputCode.ST_OFFSET);
                }
                var tensor = new StoredTensor(name, type.getFirst(), shape, offsets.getFirst(), offsets.getLast());
                SafetensorsLayout.checkSize(tensor, dataLength, where);
                return tensor;
            }

            private StoredType type() {
                var value = tokens.value();
                if (value instanceof Json.Text(String spelled)) {
                    return StoredType.named(spelled)
                            .orElseThrow(() -> fault("unknown dtype " + Names.quote(spelled) + ": known are "
                                            + List.of(StoredType.values()))
                                    .orFor(InputCode.ST_DTYPE));
                }
                throw fault("dtype: expected a string, found " + value.kind());
            }

            private List<Long> counts(String field, int most, long largest, List<Long> counts) {
                if (tokens.current() != Kind.ARRAY) {
                    throw fault(field + ": expected an array, found "
                            + tokens.value().kind());
                }
                while (tokens.next() != Kind.ARRAY_END) {
                    long count = tokens.count();
                    if (count < 0) {
                        throw fault(field + ": expected integers of at least 0 and at most 18 digits, found "
                                + tokens.value().kind());
                    }
                    if (count > largest) {
                        throw fault(field + ": " + count + " is above " + largest);
                    }
                    counts.add(count);
                    if (counts.size() > most) {
                        throw fault(field + ": more than " + most + " numbers");
                    }
                }
                return counts;
            }

            private InputException fault(String what) {
                return tokens.fault("tensor " + Names.quote(name) + ": " + what);
            }
        }
    }
}
