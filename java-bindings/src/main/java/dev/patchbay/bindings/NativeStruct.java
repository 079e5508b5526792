package dev.patchbay.bindings;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A C struct by its declaration: name, fields and types. Offsets and size follow from the rules of the C ABI (every field
 * at a multiple of its size, the whole a multiple of the largest).
 */
public final class NativeStruct {
    /** Types of fields. */
    public enum Type {
        POINTER(8),
        INT64(8),
        INT32(4),
        FLOAT32(4);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }
    }

    /** One field: its place in the declaration, and its offset in bytes. */
    public record Field(String name, Type type, int index, long offset) {}

    private final String name;
    private final List<Field> fields;
    private final Map<String, Field> byName = new HashMap<>();
    private final long size;

    private NativeStruct(String name, List<Field> fields, long size) {
        if (fields.size() > Long.SIZE) {
            throw new IllegalArgumentException(name + " has more fields than a writer can keep track of");
        }
        this.name = name;
        this.fields = List.copyOf(fields);
        this.size = size;
        for (Field field : fields) {
            if (byName.put(field.name(), field) != null) {
                throw new IllegalArgumentException(name + " declares " + field.name() + " twice");
            }
        }
    }

    /** Parses {@code "type name name …; type name …"}, types as in {@link Type}, lower case. */
    static NativeStruct declare(String name, String declaration) {
        List<Field> fields = new ArrayList<>();
        long end = 0;
        long alignment = 1;
        for (String line : declaration.strip().split(";\\s*", -1)) {
            String[] words = line.strip().split("\\s+", -1);
            for (int word = 1; word < words.length; word++) {
                Type type = Type.valueOf(words[0].toUpperCase(Locale.ROOT));
                long offset = roundUp(end, type.bytes);
                fields.add(new Field(words[word], type, fields.size(), offset));
                end = offset + type.bytes;
                alignment = Math.max(alignment, type.bytes);
            }
        }
        return new NativeStruct(name, fields, roundUp(end, alignment));
    }

    /** The same behind an embedded {@code first} struct, whose fields keep their own declaration. */
    static NativeStruct extend(String name, NativeStruct first, String declaration) {
        NativeStruct behind = declare(name, declaration);
        List<Field> fields = behind.fields.stream()
                .map(field -> new Field(field.name(), field.type(), field.index(), first.size + field.offset()))
                .toList();
        return new NativeStruct(name, fields, roundUp(first.size + behind.size, Long.BYTES));
    }

    /** The C name. */
    public String name() {
        return name;
    }

    /** In the order of the declaration. */
    public List<Field> fields() {
        return fields;
    }

    /** {@code sizeof}. */
    public long size() {
        return size;
    }

    /** {@code offsetof}. */
    public long offset(String fieldName) {
        return field(fieldName, 0).offset();
    }

    /** The field of a name; quick where {@code hint} is its index. */
    Field field(String fieldName, int hint) {
        if (hint < fields.size()) {
            Field likely = fields.get(hint);
            if (likely.name().equals(fieldName)) {
                return likely;
            }
        }
        Field field = byName.get(fieldName);
        if (field == null) {
            throw new IllegalStateException(name + " has no field " + fieldName);
        }
        return field;
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
