package dev.patchbay.bindings;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A C struct by its declaration: name, fields and types. Offsets and size follow from the rules of the C ABI (every field
 * at a multiple of its size, the whole a multiple of the largest). A record, since the JIT compiler takes the contents of
 * constant records for constants: where a struct is written field by field, nothing is left of looking the fields up.
 *
 * @param name the C name
 * @param fields in the order of the declaration
 * @param size {@code sizeof}
 */
public record NativeStruct(String name, List<Field> fields, long size) {
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

    /** Checks that a writer can keep track of the fields, and that names differ. */
    public NativeStruct {
        if (fields.size() > Long.SIZE) {
            throw new IllegalArgumentException(name + " has more fields than a writer can keep track of");
        }
        fields = List.copyOf(fields);
        Set<String> names = new HashSet<>();
        for (Field field : fields) {
            if (!names.add(field.name())) {
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
                // Interned, as names in the source are: where both are known, so is at once that they are the same.
                fields.add(new Field(words[word].intern(), type, fields.size(), offset));
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
        return find(fieldName);
    }

    private Field find(String fieldName) {
        for (Field field : fields) {
            if (field.name().equals(fieldName)) {
                return field;
            }
        }
        throw new IllegalStateException(name + " has no field " + fieldName);
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
