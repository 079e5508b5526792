package dev.patchbay.cli;

import dev.patchbay.model.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds {@code hf:org/name[@revision]} in the local cache of the Hugging Face libraries. Nothing is ever downloaded.
 *
 * @param hub the folder that holds {@code models--org--name}
 */
record HuggingFaceCache(Path hub) {
    private static final Pattern NAME = Pattern.compile("(?:[A-Za-z0-9][\\w.-]{0,95}/)?[A-Za-z0-9][\\w.-]{0,95}");
    private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9][\\w.-]{0,199}");
    private static final int LONGEST_REFERENCE = 200;

    /** The cache that the environment points to, as {@code huggingface_hub} does. */
    static HuggingFaceCache of(Map<String, String> environment) {
        var home = Path.of(System.getProperty("user.home", "."));
        var cache = variable(environment, "XDG_CACHE_HOME").orElse(home.resolve(".cache"));
        var hugging = variable(environment, "HF_HOME").orElse(cache.resolve("huggingface"));
        return new HuggingFaceCache(variable(environment, "HF_HUB_CACHE")
                .or(() -> variable(environment, "HUGGINGFACE_HUB_CACHE"))
                .orElse(hugging.resolve("hub")));
    }

    private static Optional<Path> variable(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .filter(value -> !value.isBlank())
                .map(Path::of);
    }

    /**
     * The folder of a model.
     *
     * @param name {@code org/name} or {@code org/name@revision}
     * @throws InputException where the cache does not have it
     */
    Path find(String name) {
        int at = name.indexOf('@');
        String repository = at < 0 ? name : name.substring(0, at);
        String revision = at < 0 ? "main" : name.substring(at + 1);
        if (!NAME.matcher(repository).matches() || !REVISION.matcher(revision).matches() || name.contains("..")) {
            throw new InputException("hf:" + name + ": expected hf:org/name or hf:org/name@revision");
        }
        var folder = hub.resolve("models--" + repository.replace("/", "--"));
        var snapshot = folder.resolve("snapshots").resolve(commit(folder, revision));
        if (!Files.isDirectory(snapshot)) {
            throw new InputException("hf:" + name + ": not in the local cache " + hub
                    + "; nothing is downloaded: fetch it yourself, for example with hf download " + repository
                    + (at < 0 ? "" : " --revision " + revision));
        }
        return snapshot;
    }

    private static String commit(Path folder, String revision) {
        var reference = folder.resolve("refs").resolve(revision);
        try {
            if (Files.isRegularFile(reference) && Files.size(reference) <= LONGEST_REFERENCE) {
                var commit = Files.readString(reference).strip();
                return REVISION.matcher(commit).matches() ? commit : revision;
            }
            return revision;
        } catch (IOException failed) {
            throw new InputException(reference + ": cannot be read: " + failed, failed);
        }
    }
}
