package dev.patchbay.bench.gpu;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes maps, lists, texts, numbers and flags as JSON, a member or a list's element on a line. */
final class JsonPage {
    private static final int FIRST_PRINTABLE = 0x20;

    private JsonPage() {}

    static String of(Object tree) {
        return write(tree, "\n") + "\n";
    }

    private static String write(Object value, String line) {
        String inner = line + "  ";
        return switch (value) {
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .map(entry ->
                                inner + quote(String.valueOf(entry.getKey())) + ": " + write(entry.getValue(), inner))
                        .collect(Collectors.joining(",", "{", line + "}"));
            case List<?> list when list.isEmpty() -> "[]";
            case List<?> list ->
                list.stream().map(each -> inner + write(each, inner)).collect(Collectors.joining(",", "[", line + "]"));
            case Number number -> number.toString();
            case Boolean flag -> flag.toString();
            default -> quote(value.toString());
        };
    }

    private static String quote(String text) {
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each == '"' || each == '\\') {
                quoted.append('\\').append(each);
            } else if (each < FIRST_PRINTABLE || Character.isSurrogate(each)) {
                quoted.append(String.format("\\u%04x", (int) each));
            } else {
                quoted.append(each);
            }
        }
        return quoted.append('"').toString();
    }
}
