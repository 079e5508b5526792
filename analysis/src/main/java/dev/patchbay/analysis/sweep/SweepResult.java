package dev.patchbay.analysis.sweep;

/**
 * What a sweep found and what it took.
 *
 * @param effects the numbers
 * @param counts what became of its cells
 * @param seconds wall time of the patched runs
 * @param baseSeconds wall time of base runs, sources and references
 */
public record SweepResult(Effects effects, SweepCounts counts, double seconds, double baseSeconds) {}
