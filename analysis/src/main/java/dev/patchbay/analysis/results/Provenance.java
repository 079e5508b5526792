package dev.patchbay.analysis.results;

/**
 * Where the numbers of a run come from; all of it is written with them. Nothing here may vary between two runs of the same
 * command: no time, host or duration.
 *
 * @param model as it was named
 * @param modelDigest of its checkpoint
 * @param weights {@code raw} or {@code tl}
 * @param device its name
 * @param deviceDescription what it is, in words, where results depend on it; may be empty
 * @param numerics the profile
 * @param pairsFile as it was named
 * @param version of Patchbay
 * @param commandLine as it was typed
 */
public record Provenance(
        String model,
        String modelDigest,
        String weights,
        String device,
        String deviceDescription,
        String numerics,
        String pairsFile,
        String version,
        String commandLine) {}
