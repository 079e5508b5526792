package dev.patchbay.analysis.store;

import dev.patchbay.analysis.io.Digest;
import dev.patchbay.analysis.io.JsonText;
import dev.patchbay.analysis.results.Provenance;
import dev.patchbay.analysis.sweep.Grid;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything the numbers of a sweep depend on, as named texts. Two runs with the same fingerprint compute the same units.
 *
 * @param fields values by name, in the order of their names
 */
public record Fingerprint(Map<String, String> fields) {
    /** Copies and sorts the map. */
    public Fingerprint {
        fields = Collections.unmodifiableMap(new TreeMap<>(fields));
    }

    /** The fingerprint of a sweep on a model and a device. */
    public static Fingerprint of(Grid grid, Provenance provenance) {
        var fields = new TreeMap<>(SpecFields.of(grid.spec()));
        fields.put("model_digest", provenance.modelDigest());
        fields.put("weights", provenance.weights());
        fields.put("pairs_digest", grid.pairs().digest());
        fields.put("bos", grid.pairs().bos().toString());
        fields.put("answer_tokens", grid.pairs().longAnswers().name());
        fields.put("device", provenance.device());
        fields.put("device_description", provenance.deviceDescription());
        fields.put("numerics", provenance.numerics());
        fields.put("engine", provenance.version());
        return new Fingerprint(fields);
    }

    /** Canonical JSON: one object on one line, names in order, texts as values. */
    public String json() {
        return JsonText.line(fields);
    }

    /** The id of a unit of work: SHA-256 of the canonical JSON of this fingerprint, its pairs and its draw. */
    public String unit(int firstPair, int pairs, int draw) {
        var values = new TreeMap<>(fields);
        values.put("unit", firstPair + "+" + pairs + "/" + draw);
        return Digest.of(JsonText.line(values).getBytes(StandardCharsets.UTF_8));
    }

    /** How another fingerprint differs, a text a field: {@code metric is kl, was logit_diff}. */
    public List<String> differences(Fingerprint earlier) {
        var names = new TreeMap<>(fields);
        names.putAll(earlier.fields);
        var differences = new ArrayList<String>();
        for (String name : names.keySet()) {
            String now = fields.getOrDefault(name, "absent");
            String before = earlier.fields.getOrDefault(name, "absent");
            if (!now.equals(before)) {
                differences.add(name + " is " + shown(now) + ", was " + shown(before));
            }
        }
        return differences;
    }

    private static String shown(String value) {
        return value.isEmpty() ? "empty" : value.length() <= 40 ? value : value.substring(0, 16) + "…";
    }
}
