package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.device.Device;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import dev.patchbay.model.run.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One of the golden interventions: a tiny model, its pairs, and what other libraries computed for them. */
public final class GoldenCase implements AutoCloseable {
    public static final List<String> NAMES = List.of("gpt2_a", "neox_a", "llama_a");

    private final ModelFolder folder;
    private final Model model;
    private final SafetensorsFile arrays;
    private final Json.Members facts;
    private final PromptPairs pairs;

    private GoldenCase(ModelFolder folder, Model model, SafetensorsFile arrays, Json.Members facts) {
        this.folder = folder;
        this.model = model;
        this.arrays = arrays;
        this.facts = facts;
        var read = new ArrayList<PromptPair>();
        for (Json each : ((Json.Array) member(facts, "pairs")).values()) {
            read.add(new PromptPair(
                    "pair" + read.size(),
                    "golden",
                    new Prompt(numbers(member(each, "clean")), Map.of()),
                    Optional.of(new Prompt(numbers(member(each, "corrupted")), Map.of())),
                    List.of(List.of(number(member(each, "answer")))),
                    List.of(List.of(number(member(each, "wrong")))),
                    true));
        }
        pairs = PromptPairs.of(read);
    }

    /** The devices to run on: those of the system property {@code patchbay.test.devices}, else {@code usual}. */
    static List<String> devices(String... usual) {
        String asked = System.getProperty("patchbay.test.devices");
        return asked == null ? List.of(usual) : List.of(asked.split(",", -1));
    }

    public static Path root() {
        return Path.of(System.getProperty("patchbay.golden"));
    }

    public static GoldenCase open(String name, Device device) {
        var path = root().resolve("patching").resolve(name);
        var folder = ModelFolder.open(path.resolve("model"));
        var model = Model.load(device, folder.architecture(), folder.weights(), folder.tensors());
        try {
            var facts = Json.parse(Files.readAllBytes(path.resolve("case.json")), name);
            return new GoldenCase(
                    folder, model, SafetensorsFile.open(path.resolve("arrays.safetensors")), (Json.Members) facts);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Model model() {
        return model;
    }

    public PromptPairs pairs() {
        return pairs;
    }

    public float[] array(String name) {
        return arrays.floats(name);
    }

    /** Largest difference from a golden array, relative to its largest absolute value, in units of its tolerance. */
    public double distance(String name, double[] found) {
        float[] expected = arrays.floats(name);
        if (expected.length != found.length) {
            throw new AssertionError(name + ": " + found.length + " values for " + expected.length);
        }
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            double difference = Math.abs(expected[i] - found[i]);
            worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
        }
        return worst / (largest * tolerance(name));
    }

    private double tolerance(String name) {
        var array = member(member(facts, "arrays"), name);
        return ((Json.Numeral) member(array, "tolerance_relative_to_max_abs")).value();
    }

    private static Json member(Json object, String name) {
        return ((Json.Members) object).find(name).orElseThrow(() -> new AssertionError(name));
    }

    private static int number(Json json) {
        return Integer.parseInt(((Json.Numeral) json).text());
    }

    private static List<Integer> numbers(Json json) {
        return ((Json.Array) json).values().stream().map(GoldenCase::number).toList();
    }

    @Override
    public void close() {
        arrays.close();
        model.close();
        folder.close();
    }
}
