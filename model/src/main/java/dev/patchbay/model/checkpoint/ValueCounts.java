package dev.patchbay.model.checkpoint;

/**
 * What a pass over the values of a tensor found.
 *
 * @param elements number of elements
 * @param notNumbers how many are NaN; 0 for types that have none
 * @param infinities how many are infinite; 0 for types that have none
 */
public record ValueCounts(long elements, long notNumbers, long infinities) {
    /** Whether every value is finite. */
    public boolean allFinite() {
        return notNumbers == 0 && infinities == 0;
    }
}
