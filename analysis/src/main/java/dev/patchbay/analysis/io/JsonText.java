package dev.patchbay.analysis.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * JSON from maps, collections, texts, numbers, truth values and {@link Optional}; anything else is an
 * {@link IllegalArgumentException}. An empty optional, and a number that is not finite, are {@code null}: JSON has no others.
 * The same values give the same text.
 */
public final class JsonText {
    private JsonText() {}

    /** On one line, without a line end. */
    public static String line(Object value) {
        return write(value, false);
    }

    /** Indented, with a line end. */
    public static String page(Object value) {
        return write(value, true) + "\n";
    }

    private static String write(Object value, boolean indented) {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(text)) {
            if (indented) {
                json.setPrettyPrinter(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));
            }
            write(json, value);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, Object value) throws IOException {
        switch (value) {
            case Map<?, ?> members -> {
                json.writeStartObject();
                for (var member : members.entrySet()) {
                    json.writeFieldName(String.valueOf(member.getKey()));
                    write(json, member.getValue());
                }
                json.writeEndObject();
            }
            case Collection<?> values -> {
                json.writeStartArray();
                for (Object each : values) {
                    write(json, each);
                }
                json.writeEndArray();
            }
            case Optional<?> maybe -> {
                if (maybe.isPresent()) {
                    write(json, maybe.get());
                } else {
                    json.writeNull();
                }
            }
            case Float number -> finite(json, number, Float.isFinite(number));
            case Double number -> finite(json, number, Double.isFinite(number));
            case Integer number -> json.writeNumber(number);
            case Long number -> json.writeNumber(number);
            case Boolean truth -> json.writeBoolean(truth);
            case String text -> json.writeString(text);
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }

    private static void finite(JsonGenerator json, Number number, boolean finite) throws IOException {
        if (finite) {
            json.writeRawValue(number.toString());
        } else {
            json.writeNull();
        }
    }
}
