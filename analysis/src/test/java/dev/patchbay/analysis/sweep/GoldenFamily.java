package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.device.Device;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.run.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** A golden checkpoint of one family and made-up pairs for it. */
final class GoldenFamily implements AutoCloseable {
    /** Families of every wiring; every one there is where the system property {@code patchbay.families} says {@code all}. */
    private static final List<String> NAMES = List.of(
            "gemma2", "olmo2", "granite", "cohere-qknorm", "falcon-40b", "phi3-longrope-long", "mixtral", "gpt_oss");
    /** Longer than this, phi3-longrope turns by its long factors. */
    private static final int LONG = 16;

    private final ModelFolder folder;
    private final Model model;
    private final PromptPairs pairs;

    private GoldenFamily(ModelFolder folder, Model model, PromptPairs pairs) {
        this.folder = folder;
        this.model = model;
        this.pairs = pairs;
    }

    static List<String> names() {
        if (!System.getProperty("patchbay.families", "").equals("all")) {
            return NAMES;
        }
        try (var folders = Files.list(root())) {
            return folders.map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        return GoldenCase.root().resolve("families");
    }

    /** Two pairs whose prompts first differ at token 1 and 2, the second one's again two tokens later. */
    static GoldenFamily open(String name, Device device) {
        var folder = ModelFolder.open(root().resolve(name));
        var model = Model.load(device, folder.architecture(), folder.weights(), folder.tensors());
        int length = name.endsWith("-long") ? LONG + 1 : 7;
        int vocabulary = model.architecture().vocabulary();
        var random = new SplittableRandom(name.hashCode());
        var pairs = new ArrayList<PromptPair>();
        for (int pair = 0; pair < 2; pair++) {
            var clean = random.ints(length, 0, vocabulary).boxed().toList();
            var corrupted = new ArrayList<>(clean);
            for (int place = pair + 1; place < pair + 2 + pair; place += 2) {
                corrupted.set(place, (clean.get(place) + 1) % vocabulary);
            }
            pairs.add(new PromptPair(
                    "pair" + pair,
                    "made up",
                    new Prompt(clean, Map.of("S", List.of(2, 4))),
                    Optional.of(new Prompt(corrupted, Map.of("S", List.of(2, 4)))),
                    List.of(List.of(5)),
                    List.of(List.of(6)),
                    true));
        }
        return new GoldenFamily(folder, model, PromptPairs.of(pairs));
    }

    Model model() {
        return model;
    }

    PromptPairs pairs() {
        return pairs;
    }

    @Override
    public void close() {
        model.close();
        folder.close();
    }
}
