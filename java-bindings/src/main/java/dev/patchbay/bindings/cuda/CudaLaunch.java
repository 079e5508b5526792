package dev.patchbay.bindings.cuda;

/**
 * The grid of a launch and the dynamic shared memory of its blocks.
 *
 * @param gridX blocks, up to 2³¹ − 1
 * @param gridY blocks, up to 65535
 * @param sharedBytes of a block
 */
record CudaLaunch(long gridX, long gridY, long sharedBytes) {
    private static final int MAXIMUM_Y = 65_535;

    /** Whether there is nothing to do. */
    boolean isEmpty() {
        return gridX == 0 || gridY == 0;
    }

    /** Whether no device could run it. */
    boolean isTooLarge() {
        return gridX > Integer.MAX_VALUE || gridY > MAXIMUM_Y;
    }
}
