package dev.patchbay.analysis.pairs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.patchbay.model.checkpoint.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes prompt pairs as token ids, one JSON object a line: the same pairs give the same bytes. */
public final class PairsWriter {
    private PairsWriter() {}

    /**
     * Writes a file, under a temporary name first.
     *
     * @throws dev.patchbay.model.InputException where the place cannot be written; nothing is left behind
     */
    public static void write(Path path, List<PromptPair> pairs) {
        WholeFile.write(path, bytes(pairs));
    }

    /** The bytes of the file: the canonical form of the pairs, which their digest is made from. */
    public static byte[] bytes(List<PromptPair> pairs) {
        var out = new ByteArrayOutputStream();
        for (var pair : pairs) {
            out.writeBytes(line(pair));
            out.write('\n');
        }
        return out.toByteArray();
    }

    private static byte[] line(PromptPair pair) {
        var out = new ByteArrayOutputStream();
        try (var json = new JsonFactory().createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("id", pair.id());
            json.writeStringField("template", pair.template());
            ids(json, "clean", pair.clean().tokens());
            if (pair.corrupted().isPresent()) {
                ids(json, "corrupted", pair.corrupted().get().tokens());
            }
            alternatives(json, "answer", pair.answers());
            alternatives(json, "wrong", pair.wrongs());
            spans(json, "spans", pair.clean().spans());
            if (!pair.aligned() && pair.corrupted().isPresent()) {
                spans(json, "spans_corrupted", pair.corrupted().get().spans());
            }
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    private static void ids(JsonGenerator json, String name, List<Integer> ids) throws IOException {
        json.writeArrayFieldStart(name);
        for (int id : ids) {
            json.writeNumber(id);
        }
        json.writeEndArray();
    }

    private static void alternatives(JsonGenerator json, String name, List<List<Integer>> alternatives)
            throws IOException {
        if (alternatives.isEmpty()) {
            return;
        }
        json.writeFieldName(name);
        if (alternatives.size() > 1) {
            json.writeStartArray();
        }
        for (var tokens : alternatives) {
            if (tokens.size() == 1) {
                json.writeNumber(tokens.getFirst());
            } else {
                json.writeStartObject();
                ids(json, "tokens", tokens);
                json.writeEndObject();
            }
        }
        if (alternatives.size() > 1) {
            json.writeEndArray();
        }
    }

    private static void spans(JsonGenerator json, String name, Map<String, List<Integer>> spans) throws IOException {
        json.writeObjectFieldStart(name);
        for (var span : spans.entrySet()) {
            ids(json, span.getKey(), span.getValue());
        }
        json.writeEndObject();
    }
}
