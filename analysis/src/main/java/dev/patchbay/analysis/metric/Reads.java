package dev.patchbay.analysis.metric;

/** What of a run a metric needs: a sweep computes no more. */
public enum Reads {
    /** Logits of the answers and the wrong answers at END. */
    CHOSEN,
    /** Logits of the whole vocabulary at END. */
    VOCABULARY,
    /** The vector at END that the unembedding reads. */
    UNEMBEDDING_INPUT
}
