package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.config.ModelConfig;
import dev.patchbay.model.input.Digests;
import dev.patchbay.model.input.Names;
import dev.patchbay.model.input.StableFile;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/**
 * A model folder in the Hugging Face layout, opened and checked: configuration, file formats, the exact set of tensors with
 * types and shapes. Values are checked when they are read. Only {@code config.json}, {@code model.safetensors.index.json},
 * {@code model.safetensors} and the shards of the index are ever opened, and nothing is written.
 *
 * @param folder the folder
 * @param architecture the model
 * @param weights where the graph's tensors are
 * @param tensors the stored tensors, closed with this
 * @param configDigest SHA-256 of config.json, in hexadecimal
 * @param notes what was tolerated or passed over, one line each
 */
public record ModelFolder(
        Path folder,
        Architecture architecture,
        WeightMap weights,
        ShardedTensors tensors,
        String configDigest,
        List<String> notes)
        implements AutoCloseable {

    private static final String CONFIG = "config.json";

    /** Copies the notes. */
    public ModelFolder {
        notes = List.copyOf(notes);
    }

    /**
     * Opens a folder. The caller closes it.
     *
     * @throws InputException where anything is missing, unknown, wrong or contradictory
     */
    public static ModelFolder open(Path path) {
        return open(path, CheckpointOptions.STRICT);
    }

    /** As {@link #open(Path)}, tolerating what {@code options} say. */
    public static ModelFolder open(Path path, CheckpointOptions options) {
        var folder = CheckpointFolder.open(path, options.allowSymlinks());
        var configPath = folder.file(CONFIG);
        var bytes = StableFile.readAll(configPath, ModelConfig.LARGEST, "a configuration");
        var config = ModelConfig.parse(bytes, configPath.toString());
        var tensors = ShardedTensors.open(folder, options);
        try {
            var tied = config.weights(tensors.names());
            var weights = options.untie() ? tied.untied(tensors.names()) : tied;
            TensorSet.check(path.toString(), config.architecture(), weights, tensors);
            var digest = HexFormat.of().formatHex(Digests.sha256().digest(bytes));
            var architecture = config.architecture(embeddingType(weights, tensors));
            var notes = notes(weights, tensors);
            if (!architecture.equals(config.architecture())) {
                notes.add("the embedding is multiplied by "
                        + architecture.embedding().multiplier() + ", which is "
                        + config.architecture().embedding().multiplier() + " in the type the embedding is stored in");
            }
            if (options.untie()) {
                notes.add(
                        weights.equals(tied)
                                ? "--untie changes nothing: no head is stored beside the embedding it is tied to"
                                : "the stored head is used, though config.json ties it to the embedding");
            }
            return new ModelFolder(path, architecture, weights, tensors, digest, notes);
        } catch (RuntimeException refused) {
            tensors.close();
            throw refused;
        }
    }

    private static StoredType embeddingType(WeightMap weights, ShardedTensors tensors) {
        var source = weights.sources().get("embed.weight");
        return source == null ? StoredType.F32 : tensors.tensor(source.tensor()).type();
    }

    /**
     * The folder that a person means: {@code hf:organisation/name[@revision]} is looked up in the local cache, anything else is
     * a path.
     *
     * @throws InputException where it is not in the cache, or no path
     */
    public static Path locate(String model) {
        if (model.startsWith(HuggingFaceCache.PREFIX)) {
            return HuggingFaceCache.ofProcess().snapshot(model);
        }
        try {
            return Path.of(model);
        } catch (InvalidPathException bad) {
            throw new InputException(Names.quote(model) + ": not a path: " + bad.getReason(), bad);
        }
    }

    private static ArrayList<String> notes(WeightMap weights, ShardedTensors tensors) {
        var notes = new ArrayList<>(tensors.notes());
        var types = TensorSet.types(tensors);
        if (types.containsKey(StoredType.F64)) {
            notes.add(types.get(StoredType.F64) + " F64 tensors are rounded to float32");
        }
        long ignored =
                weights.ignored().stream().filter(tensors.names()::contains).count();
        if (ignored > 0) {
            notes.add(ignored + " stored buffers, or parts beside the language model, are not read");
        }
        for (var copy : weights.copies().entrySet()) {
            if (tensors.names().contains(copy.getKey())) {
                notes.add(copy.getKey() + " is stored and equals " + copy.getValue());
            }
        }
        return notes;
    }

    /**
     * The values of a tensor of the graph.
     *
     * @param graphName as {@link WeightMap} names it
     * @throws InputException where a value is NaN or infinite, or the file changed since it was opened
     */
    public GraphTensor assemble(String graphName) {
        var source = weights.sources().get(graphName);
        if (source == null) {
            throw new IllegalArgumentException("no tensor " + graphName + " in the graph of this model");
        }
        return GraphTensor.read(tensors, source);
    }

    /** Reads every weight and refuses NaN and infinity, as loading does. */
    public void verify() {
        new TreeMap<>(weights.sources())
                .values().stream()
                        .filter(source -> source.scales().isPresent())
                        .forEach(source -> GraphTensor.read(tensors, source, (_, _) -> {}));
        weights.sources().values().stream()
                .filter(source -> source.scales().isEmpty())
                .map(WeightMap.Source::tensor)
                .distinct()
                .sorted()
                .forEach(tensors::verify);
    }

    /**
     * What this model is: SHA-256, in hexadecimal, over the SHA-256 digests of {@code config.json} and, sorted, of the weight
     * files. Reads every file anew.
     */
    public String digest() {
        var digest = Digests.sha256();
        digest.update(HexFormat.of().parseHex(configDigest));
        return HexFormat.of().formatHex(digest.digest(tensors.sortedDigests()));
    }

    @Override
    public void close() {
        tensors.close();
    }
}
