package dev.patchbay.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * JSON on one line, from maps, collections, arrays of numbers, texts, numbers, truth values, and {@link Optional}: an empty
 * one, and a number that is not finite, are {@code null}.
 */
final class JsonText {
    private JsonText() {}

    static String of(Object value) {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(text)) {
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
            default -> json.writeString(String.valueOf(value));
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
