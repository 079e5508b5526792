package dev.patchbay.model.run;

/**
 * What an edit of a program did.
 *
 * @param fired number of (row, layer, head, position) places it changed or could have changed
 * @param largestChange largest absolute change of an element, NaN if one became NaN
 */
public record EditReport(long fired, float largestChange) {}
