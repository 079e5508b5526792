package dev.patchbay.model.checkpoint;

/**
 * What is tolerated when a checkpoint is opened; each relaxes or tightens exactly one rule.
 *
 * @param allowNonfinite weights may be NaN or infinite ({@code --allow-nonfinite})
 * @param untie where the configuration ties the head to the embedding and the checkpoint stores a head all the same, that head
 *     is used ({@code --untie}); without it the two must be equal, bit for bit
 * @param allowSymlinks files may be links that lead out of the model folder ({@code --allow-symlinks}); an index may name
 *     plain file names only, all the same
 * @param strictFormat fields of a safetensors header that the format does not know are refused, not passed over
 *     ({@code --strict-format})
 */
public record CheckpointOptions(boolean allowNonfinite, boolean untie, boolean allowSymlinks, boolean strictFormat) {
    /** The rules as they stand. */
    public static final CheckpointOptions STRICT = new CheckpointOptions(false, false, false, false);
}
