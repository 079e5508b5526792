package dev.patchbay.device;

/**
 * A weight matrix {@code W [inner, columns]} as products use it: the raw tensor and, per use, a packed copy made when
 * first needed and dropped when the raw values change. Owns both; whoever made it closes it. It may hold several matrices
 * of one shape, the experts of a layer, for {@link Ops#gemmExperts} alone.
 */
public interface Weight extends AutoCloseable {
    /** Length of the sums of {@code x · W}. */
    long inner();

    /** Columns of {@code x · W}. */
    long columns();

    /** How many matrices it holds. */
    int matrices();

    /**
     * The raw elements: {@code [inner, columns]}, or {@code [columns, inner]} when {@link #transposed}; several matrices stand
     * one below the other.
     */
    Tensor raw();

    /** Whether {@link #raw} holds one output column per row, as {@code torch.nn.Linear} stores it. */
    boolean transposed();

    /** Says that the raw elements have changed: packed copies are made anew when next needed. */
    void rawChanged();

    /** Makes the packed copy for {@code direction} now, so that no later product has to. */
    void prepare(Ops.Direction direction);

    /**
     * Says that {@link #raw} and directions that have not been prepared are no longer needed: where products use packed copies
     * alone, the memory of the raw elements is given back (in the fast profiles too, whose chosen elements read them). After
     * that, what would need them is an {@link IllegalStateException}. Where products read the raw elements nothing happens.
     */
    void dropRaw();

    @Override
    void close();
}
