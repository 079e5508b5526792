package dev.patchbay.model.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.patchbay.model.InputException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The native tokenizer library, loaded once and tamed first: left alone, DJL looks for a GPU and downloads a build for it,
 * reports its use over the network, unpacks into the home folder and cuts texts at 512 tokens. We use its native calls
 * only; the settings are system properties because that is the only way in.
 */
final class DjlLibrary {
    private DjlLibrary() {}

    /** The library's calls. */
    static TokenizersLibrary calls() {
        return Holder.CALLS.orElseThrow(() -> new InputException(Holder.FAULT));
    }

    private static final class Holder {
        private static final Optional<TokenizersLibrary> CALLS;
        private static final String FAULT;

        static {
            var cache = cacheFolder(System.getenv("PATCHBAY_CACHE"), System.getProperty("user.home", "."));
            Optional<TokenizersLibrary> calls = Optional.empty();
            String fault = "";
            try {
                tame(cache);
                LibUtils.checkStatus();
                calls = Optional.of(TokenizersLibrary.LIB);
            } catch (RuntimeException | LinkageError unusable) {
                fault = "cannot load the native tokenizer library: " + rootOf(unusable) + "; is " + cache
                        + " (PATCHBAY_CACHE) a folder that can be written to, and does the program run with"
                        + " --enable-native-access=ai.djl.tokenizers?";
            }
            CALLS = calls;
            FAULT = fault;
        }
    }

    private static void tame(Path cache) {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("RUST_FLAVOR", "cpu");
        System.setProperty("ENGINE_CACHE_DIR", cache.resolve("djl").toString());
        System.setProperty("DJL_CACHE_DIR", cache.resolve("djl").toString());
        if (System.getProperty("slf4j.internal.verbosity") == null) {
            // Without a logging provider slf4j would write a warning to standard error.
            System.setProperty("slf4j.internal.verbosity", "ERROR");
        }
    }

    /** Where libraries are unpacked: {@code PATCHBAY_CACHE}, else {@code ~/.cache/patchbay}. */
    static Path cacheFolder(@Nullable String chosen, String home) {
        return chosen == null || chosen.isBlank() ? Path.of(home, ".cache", "patchbay") : Path.of(chosen);
    }

    private static Throwable rootOf(Throwable fault) {
        var root = fault;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
