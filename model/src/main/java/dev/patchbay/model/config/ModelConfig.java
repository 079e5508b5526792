package dev.patchbay.model.config;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.StoredType;
import dev.patchbay.model.checkpoint.WeightMap;
import java.util.List;
import java.util.Set;

/**
 * A {@code config.json}, read strictly: what it says must be known, in bounds and free of contradiction. Keys of transformers 4
 * and 5 are understood; keys that do not change the computation are passed over.
 */
public final class ModelConfig {
    /** Largest file that is read. */
    public static final int LARGEST = 4 << 20;

    private final ConfigSection root;
    private final Family family;
    private final Architecture architecture;

    private ModelConfig(ConfigSection root, Family family) {
        this.root = root;
        this.family = family;
        architecture = family.architecture().apply(root);
    }

    /**
     * Reads a configuration.
     *
     * @param bytes the file
     * @param where the file, for messages
     * @throws InputException where it is not correct, or of no supported kind
     */
    public static ModelConfig parse(byte[] bytes, String where) {
        return InputCode.CFG.reasonOf(() -> read(bytes, where));
    }

    private static ModelConfig read(byte[] bytes, String where) {
        if (!(Json.parse(bytes, where) instanceof Json.Members members)) {
            throw new InputException(where + ": expected an object");
        }
        var root = new ConfigSection(where, members);
        var type = root.text("model_type")
                .orElseThrow(() -> root.fault("model_type", "one of " + supportedFamilies(), "nothing"));
        var family = Family.named(type)
                .orElseThrow(
                        () -> root.fault("model_type", "one of " + supportedFamilies(), new Json.Text(type).kind()));
        if (root.has("auto_map")) {
            throw root.fault(
                    "auto_map",
                    "nothing: code of a checkpoint is never run; if the model is a plain " + type
                            + ", delete the key (supported families: " + supportedFamilies() + ")",
                    "a reference to code");
        }
        if (root.has("quantization_config") && !isMxfp4(root)) {
            throw root.fault(
                    "quantization_config",
                    "nothing: supported are the types F32, F16, BF16 and F64, and the mxfp4 of gpt_oss",
                    "an entry");
        }
        return new ModelConfig(family.language().apply(root), family);
    }

    private static boolean isMxfp4(ConfigSection root) {
        return root.text("model_type").filter("gpt_oss"::equals).isPresent()
                && root.section("quantization_config")
                        .flatMap(section -> section.text("quant_method"))
                        .filter("mxfp4"::equals)
                        .isPresent();
    }

    /** Every {@code model_type} that is supported. */
    public static List<String> supportedFamilies() {
        return Family.supported();
    }

    /** The model it describes. */
    public Architecture architecture() {
        return architecture;
    }

    /**
     * The model it describes, of a checkpoint whose embedding is stored so: Gemma's factor of the embedding, √width, is a number
     * of that type in the reference, and so in the model that was trained.
     */
    public Architecture architecture(StoredType embedding) {
        if (!GemmaFamilies.rows().stream().map(Family::modelType).toList().contains(family.modelType())) {
            return architecture;
        }
        var exact = architecture.embedding();
        return architecture.with(exact.times(embedding.rounded(exact.multiplier())));
    }

    /**
     * Where the tensors of the model are in a checkpoint.
     *
     * @param stored the names in the checkpoint, which decide between spellings that files of a family use
     */
    public WeightMap weights(Set<String> stored) {
        return family.weights(root, architecture, stored);
    }
}
