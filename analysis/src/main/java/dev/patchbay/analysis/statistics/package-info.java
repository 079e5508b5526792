/** Estimates over prompt pairs: means, ratios of means and differences of two, with errors and intervals. */
package dev.patchbay.analysis.statistics;
