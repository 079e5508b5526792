package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.input.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A folder that files of a checkpoint are taken from, and never from anywhere else: a file's real place is in the folder, or,
 * where the folder is a snapshot of a local Hugging Face cache, in the same repository of that cache.
 */
final class CheckpointFolder {
    private static final Pattern SHARD_NAME = Pattern.compile("[A-Za-z0-9._-]{1,255}\\.safetensors");
    private static final List<String> OTHER_FORMATS =
            List.of(".bin", ".pt", ".pth", ".ckpt", ".pkl", ".gguf", ".h5", ".msgpack");

    private static final String CONVERT = "convert it, in Python with "
            + "AutoModelForCausalLM.from_pretrained(…).save_pretrained(…, safe_serialization=True)";

    private final Path given;
    private final Path real;
    private final boolean allowSymlinks;

    private CheckpointFolder(Path given, Path real, boolean allowSymlinks) {
        this.given = given;
        this.real = real;
        this.allowSymlinks = allowSymlinks;
    }

    /**
     * Opens a folder.
     *
     * @param allowSymlinks whether its files may be links that lead anywhere
     */
    static CheckpointFolder open(Path folder, boolean allowSymlinks) {
        if (!Files.exists(folder)) {
            throw new InputException(folder + ": no such model folder");
        }
        if (!Files.isDirectory(folder)) {
            var name = folder.toString();
            if (OTHER_FORMATS.stream().anyMatch(name::endsWith)) {
                throw InputCode.FMT_PICKLE.refusal(folder + ": a format that is not read: " + CONVERT);
            }
            throw new InputException(
                    folder + ": expected a model folder with config.json and model.safetensors, found a file");
        }
        try {
            return new CheckpointFolder(folder, folder.toRealPath(), allowSymlinks);
        } catch (IOException failed) {
            throw new InputException(folder + ": cannot be opened: " + failed, failed);
        }
    }

    /** Whether the folder has an entry of that name. */
    boolean has(String name) {
        return Files.exists(real.resolve(name));
    }

    /** The real path of a file of the folder that a person or this program named. */
    Path file(String name) {
        if (!has(name)) {
            var other = otherFormat();
            var code = other.isEmpty() ? InputCode.W_SET : InputCode.FMT_PICKLE;
            throw code.refusal(given + ": no " + name + ": expected a model folder with config.json and "
                    + "model.safetensors" + other);
        }
        try {
            var path = real.resolve(name).toRealPath();
            boolean inside = real.equals(path.getParent());
            if (!inside
                    && !allowSymlinks
                    && repository().filter(path::startsWith).isEmpty()) {
                throw InputCode.IDX_PATH.refusal(
                        given + ": " + name + " is a link to " + path
                                + ", outside of the model folder: copy the file into the folder, or allow it with --allow-symlinks");
            }
            return path;
        } catch (IOException failed) {
            throw new InputException(given + ": " + name + " cannot be opened: " + failed, failed);
        }
    }

    /** The real path of a shard that an index names: untrusted text, refused before any file is touched. */
    Path shard(String name) {
        checkShardName(name, given.toString());
        if (!has(name)) {
            throw InputCode.IDX_SET.refusal(
                    given + ": the shard " + name + " that the index names is absent: download it");
        }
        return file(name);
    }

    /** Refuses everything that is no plain name of a safetensors file. */
    static void checkShardName(String name, String where) {
        if (!SHARD_NAME.matcher(name).matches()) {
            throw InputCode.IDX_PATH.refusal(where + ": the index names the shard " + Names.quote(name)
                    + ", expected a plain file name that ends in .safetensors and no path: do not use this checkpoint");
        }
    }

    /** The folder of a repository in a local Hugging Face cache that this folder is a snapshot of. */
    private Optional<Path> repository() {
        return Optional.ofNullable(real.getParent())
                .filter(snapshots -> snapshots.endsWith("snapshots"))
                .map(Path::getParent)
                .filter(repository -> repository.getFileName().toString().startsWith("models--"));
    }

    private String otherFormat() {
        try (var entries = Files.list(real)) {
            Predicate<String> other = name -> OTHER_FORMATS.stream().anyMatch(name::endsWith);
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(other)
                    .sorted()
                    .findFirst()
                    .map(name -> "; found " + name + ", a format that is not read: " + CONVERT)
                    .orElse("");
        } catch (IOException _) {
            return "";
        }
    }

    @Override
    public String toString() {
        return given.toString();
    }
}
