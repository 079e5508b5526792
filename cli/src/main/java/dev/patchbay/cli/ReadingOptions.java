package dev.patchbay.cli;

import dev.patchbay.model.checkpoint.CheckpointOptions;
import picocli.CommandLine.Option;

/** What is tolerated in the files of a MODEL; everything else that is wrong in them is refused. */
final class ReadingOptions {
    @Option(names = "--allow-nonfinite", description = "compute also where weights are NaN or infinite")
    private boolean allowNonfinite;

    @Option(
            names = "--untie",
            description = "use the head that is stored, where config.json ties it to the embedding and the two differ")
    private boolean untie;

    @Option(names = "--allow-symlinks", description = "follow links that lead out of the model folder")
    private boolean allowSymlinks;

    @Option(
            names = "--strict-format",
            description = "refuse fields of a safetensors header that the format does not know")
    private boolean strictFormat;

    /** How a checkpoint is opened. */
    CheckpointOptions checkpoint() {
        return new CheckpointOptions(allowNonfinite, untie, allowSymlinks, strictFormat);
    }
}
