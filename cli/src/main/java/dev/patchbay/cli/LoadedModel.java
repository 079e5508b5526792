package dev.patchbay.cli;

import dev.patchbay.device.Device;
import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.CheckpointOptions;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.processed.ProcessedModel;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.tokenizer.HuggingFaceTokenizer;
import dev.patchbay.model.tokenizer.Tokenizer;
import dev.patchbay.model.zoo.Zoo;
import dev.patchbay.model.zoo.ZooModel;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a MODEL argument stands for: a folder in Hugging Face layout, one of the local Hugging Face cache, or a model of the
 * zoo. Opened and checked, not yet on a device; the tokenizer is opened when it is asked for.
 *
 * @param name as it was given
 * @param folder the folder, unless it is of the zoo
 * @param zoo the model of the zoo, unless it is a folder
 * @param processed its weights as TransformerLens processes them, where they are asked for
 */
record LoadedModel(
        String name, Optional<ModelFolder> folder, Optional<ZooModel> zoo, Optional<ProcessedModel> processed)
        implements AutoCloseable {
    private static final String ZOO = "zoo:";

    /**
     * Opens a MODEL argument; the caller closes it.
     *
     * @throws InputException where there is no such model, or it is not correct
     */
    static LoadedModel open(String name) {
        return open(name, CheckpointOptions.STRICT);
    }

    /** As {@link #open(String)}, tolerating in a folder what {@code options} say. */
    static LoadedModel open(String name, CheckpointOptions options) {
        if (name.startsWith(ZOO)) {
            var zoo = Zoo.open(name.substring(ZOO.length()));
            return new LoadedModel(name, Optional.empty(), Optional.of(zoo), Optional.empty());
        }
        var folder = ModelFolder.open(ModelFolder.locate(name), options);
        return new LoadedModel(name, Optional.of(folder), Optional.empty(), Optional.empty());
    }

    /**
     * The same model with its weights processed as TransformerLens does by default.
     *
     * @throws InputException where that would change what it computes
     */
    LoadedModel withProcessedWeights() {
        var made = ProcessedModel.of(name, architecture(), weights(), tensors(), this::digest);
        return new LoadedModel(name, folder, zoo, Optional.of(made));
    }

    /** What the model is: SHA-256 of its files, and of how they are processed. */
    String digest() {
        return processed
                .map(made -> made.store().digest())
                .or(() -> folder.map(ModelFolder::digest))
                .orElseGet(() -> tensors().digest());
    }

    /** The configuration. */
    Architecture architecture() {
        return folder.map(ModelFolder::architecture)
                .orElseGet(() -> zoo.orElseThrow().architecture());
    }

    /** Where the graph's tensors are. */
    WeightMap weights() {
        return processed
                .map(ProcessedModel::map)
                .or(() -> folder.map(ModelFolder::weights))
                .orElseGet(() -> zoo.orElseThrow().weights());
    }

    /** The stored tensors. */
    TensorStore tensors() {
        return processed
                .map(ProcessedModel::store)
                .or(() -> folder.map(ModelFolder::tensors))
                .orElseGet(() -> zoo.orElseThrow().tensors());
    }

    /** What was tolerated or passed over, one line each. */
    List<String> notes() {
        return Stream.concat(folder.map(ModelFolder::notes).stream(), processed.map(ProcessedModel::notes).stream())
                .flatMap(List::stream)
                .toList();
    }

    /** Uploads the weights; the caller closes the model. */
    Model load(Device device) {
        return folder.filter(_ -> processed.isEmpty())
                .map(files -> Model.load(device, files))
                .orElseGet(() -> Model.load(device, architecture(), weights(), tensors()));
    }

    /** The tokenizer, where the folder has one; the caller closes it. */
    Optional<Tokenizer> tokenizer(boolean allowAnyRegex) {
        return folder.map(ModelFolder::folder)
                .filter(place -> Files.exists(place.resolve("tokenizer.json")))
                .map(place -> HuggingFaceTokenizer.open(place, allowAnyRegex))
                .map(this::checked);
    }

    /** Refuses a tokenizer that has tokens without a row of the embedding. */
    private Tokenizer checked(Tokenizer tokenizer) {
        if (tokenizer.vocabularySize() <= architecture().vocabulary()) {
            return tokenizer;
        }
        try (tokenizer) {
            throw InputCode.TOK.refusal(name + ": the tokenizer has ids up to " + (tokenizer.vocabularySize() - 1)
                    + ", the embedding has the rows of ids below "
                    + architecture().vocabulary()
                    + ": tokenizer.json and the weights are not of one model");
        }
    }

    /** A token in words: as the zoo or the vocabulary names it, else its id. */
    String tokenText(Optional<Tokenizer> tokenizer, int id) {
        return zoo.map(model -> model.tokenNames().get(id))
                .or(() -> tokenizer.flatMap(vocabulary -> vocabulary.tokenText(id)))
                .orElse(Integer.toString(id));
    }

    /** Refuses a token id that the model does not have. */
    void checkToken(int id, String where) {
        if (id < 0 || id >= architecture().vocabulary()) {
            throw new InputException(where + ": token id " + id + " is out of range; " + name + " has ids 0 to "
                    + (architecture().vocabulary() - 1));
        }
    }

    @Override
    public void close() {
        folder.ifPresent(ModelFolder::close);
        zoo.ifPresent(model -> model.tensors().close());
    }
}
