package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputException;
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
            List.of(".bin", ".pt", ".pth", ".ckpt", ".gguf", ".h5", ".msgpack");

    private final Path given;
    private final Path real;

    private CheckpointFolder(Path given, Path real) {
        this.given = given;
        this.real = real;
    }

    static CheckpointFolder open(Path folder) {
        if (!Files.exists(folder)) {
            throw new InputException(folder + ": no such model folder");
        }
        if (!Files.isDirectory(folder)) {
            throw new InputException(
                    folder + ": expected a model folder with config.json and model.safetensors, found a file");
        }
        try {
            return new CheckpointFolder(folder, folder.toRealPath());
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
            throw new InputException(given + ": no " + name + ": expected a model folder with config.json and "
                    + "model.safetensors" + otherFormat());
        }
        try {
            var path = real.resolve(name).toRealPath();
            boolean inside = real.equals(path.getParent());
            if (!inside && repository().filter(path::startsWith).isEmpty()) {
                throw new InputException(given + ": " + name + " is a link to " + path
                        + ", outside of the model folder: copy the file into the folder");
            }
            return path;
        } catch (IOException failed) {
            throw new InputException(given + ": " + name + " cannot be opened: " + failed, failed);
        }
    }

    /** The real path of a shard that an index names: untrusted text, refused before any file is touched. */
    Path shard(String name) {
        if (!SHARD_NAME.matcher(name).matches()) {
            throw new InputException(given + ": the index names the shard " + Names.quote(name)
                    + ", expected a plain file name that ends in .safetensors and no path: do not use this checkpoint");
        }
        if (!has(name)) {
            throw new InputException(given + ": the shard " + name + " that the index names is absent: download it");
        }
        return file(name);
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
                    .map(name -> "; found " + name + ", a format that is not read: convert it, in Python with "
                            + "AutoModelForCausalLM.from_pretrained(…).save_pretrained(…, safe_serialization=True)")
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
