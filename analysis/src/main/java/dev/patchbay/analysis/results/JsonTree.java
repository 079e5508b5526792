package dev.patchbay.analysis.results;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Writes maps, lists, texts, numbers and flags as JSON; numbers that are not finite become {@code null}, as JSON has no
 * others. The same tree gives the same text.
 */
final class JsonTree {
    private JsonTree() {}

    /** On one line. */
    static String line(Object value) {
        return write(value, false);
    }

    /** Indented, with a line end. */
    static String page(Object value) {
        return write(value, true) + "\n";
    }

    private static String write(Object value, boolean indented) {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(text)) {
            if (indented) {
                json.setPrettyPrinter(new DefaultPrettyPrinter()
                        .withObjectIndenter(new com.fasterxml.jackson.core.util.DefaultIndenter("  ", "\n")));
            }
            write(json, value);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, Object value) throws IOException {
        switch (value) {
            case Map<?, ?> map -> {
                json.writeStartObject();
                for (var entry : map.entrySet()) {
                    json.writeFieldName(String.valueOf(entry.getKey()));
                    write(json, entry.getValue());
                }
                json.writeEndObject();
            }
            case List<?> list -> {
                json.writeStartArray();
                for (var each : list) {
                    write(json, each);
                }
                json.writeEndArray();
            }
            case Integer number -> json.writeNumber(number);
            case Long number -> json.writeNumber(number);
            case Double number when Double.isFinite(number) -> json.writeNumber(number);
            case Double _ -> json.writeNull();
            case Boolean flag -> json.writeBoolean(flag);
            case String text -> json.writeString(text);
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }
}
