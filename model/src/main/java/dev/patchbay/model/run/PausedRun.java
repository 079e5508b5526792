package dev.patchbay.model.run;

import dev.patchbay.device.Tensor;

/**
 * A run that has stopped after the step that defines a site. Holds device memory until it is resumed or closed; one thread
 * at a time.
 */
public final class PausedRun implements AutoCloseable {
    private final Forward forward;
    private final Tensor value;
    private boolean over;

    PausedRun(Forward forward, Tensor value) {
        this.forward = forward;
        this.value = value;
    }

    /** The site's value, {@code [tokens, width]}, the rows of the batch one after another. */
    public float[] value() {
        checkOpen();
        return value.toFloats();
    }

    /** Runs the rest with the site's value as it is. */
    public Run resume() {
        checkOpen();
        over = true;
        try (forward) {
            return forward.finish();
        }
    }

    /** Runs the rest with another value of the site, {@code [tokens, width]}. */
    public Run resume(float[] changed) {
        checkOpen();
        value.set(changed);
        return resume();
    }

    private void checkOpen() {
        if (over) {
            throw new IllegalStateException("this run has been resumed or closed");
        }
    }

    @Override
    public void close() {
        if (!over) {
            over = true;
            forward.close();
        }
    }
}
