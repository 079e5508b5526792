package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputException;
import dev.patchbay.model.input.Names;
import dev.patchbay.model.input.StableFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The local cache that Hugging Face programs download to. Models are looked up in it, never downloaded.
 *
 * @param root its {@code hub} folder
 */
public record HuggingFaceCache(Path root) {
    /** What a model's name begins with when it is to be looked up here. */
    public static final String PREFIX = "hf:";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,96}(/[A-Za-z0-9_.-]{1,96})?");
    private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9_.-]{1,96}(/[A-Za-z0-9_.-]{1,96})*");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final int LONGEST_REFERENCE = 4096;

    /** The cache that the environment of this process names. */
    public static HuggingFaceCache ofProcess() {
        return of(System.getenv(), Path.of(System.getProperty("user.home", "")));
    }

    /**
     * The cache that an environment names: {@code HF_HUB_CACHE} or {@code HUGGINGFACE_HUB_CACHE}, else {@code HF_HOME/hub}, else
     * {@code XDG_CACHE_HOME/huggingface/hub}, else {@code ~/.cache/huggingface/hub}.
     */
    public static HuggingFaceCache of(Map<String, String> environment, Path home) {
        var hub = environment.getOrDefault("HF_HUB_CACHE", environment.getOrDefault("HUGGINGFACE_HUB_CACHE", ""));
        if (!hub.isEmpty()) {
            return new HuggingFaceCache(Path.of(hub));
        }
        var own = environment.getOrDefault("HF_HOME", "");
        if (!own.isEmpty()) {
            return new HuggingFaceCache(Path.of(own, "hub"));
        }
        var caches = environment.getOrDefault("XDG_CACHE_HOME", "");
        return new HuggingFaceCache(
                (caches.isEmpty() ? home.resolve(".cache") : Path.of(caches)).resolve(Path.of("huggingface", "hub")));
    }

    /**
     * The snapshot folder of a model.
     *
     * @param model {@code hf:org/name} or {@code hf:org/name@revision}; a revision is a branch, a tag or a commit, by default
     *     {@code main}
     * @throws InputException where the name is not of that form or the cache does not hold it
     */
    public Path snapshot(String model) {
        var parts =
                model.substring(model.startsWith(PREFIX) ? PREFIX.length() : 0).split("@", 2);
        var name = parts[0];
        var revision = parts.length == 2 ? parts[1] : "main";
        if (!NAME.matcher(name).matches() || hasDots(name)) {
            throw new InputException(Names.quote(model) + ": expected hf:org/name or hf:org/name@revision");
        }
        if (!REVISION.matcher(revision).matches() || hasDots(revision)) {
            throw new InputException(Names.quote(model) + ": expected a branch, a tag or a commit after the @, found "
                    + Names.quote(revision));
        }
        var repository = root.resolve("models--" + name.replace("/", "--"));
        if (!Files.isDirectory(repository)) {
            throw new InputException(Names.quote(model) + ": not in the local cache " + root
                    + ", and nothing is downloaded: fetch it with the hf program of huggingface_hub, or give a folder");
        }
        var reference = repository.resolve("refs").resolve(revision);
        var commit = Files.isRegularFile(reference) ? commit(reference) : revision;
        var snapshot = repository.resolve("snapshots").resolve(commit);
        if (!Files.isDirectory(snapshot)) {
            throw new InputException(Names.quote(model) + ": the local cache " + repository + " has no snapshot of "
                    + Names.quote(revision) + ": fetch it, or name a revision that is there");
        }
        return snapshot;
    }

    private static boolean hasDots(String name) {
        return List.of(name.split("/", -1)).stream().anyMatch(part -> part.equals(".") || part.equals(".."));
    }

    private static String commit(Path reference) {
        var text = new String(StableFile.readAll(reference, LONGEST_REFERENCE, "a commit"), StandardCharsets.UTF_8)
                .strip();
        if (!COMMIT.matcher(text).matches()) {
            throw new InputException(
                    reference + ": expected a commit of 40 hexadecimal digits, found " + Names.quote(text));
        }
        return text;
    }
}
