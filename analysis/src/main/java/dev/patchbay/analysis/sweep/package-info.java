/** Exact sweeps: a grid of interventions × prompt pairs × a metric, planned, run and summarised. */
package dev.patchbay.analysis.sweep;
