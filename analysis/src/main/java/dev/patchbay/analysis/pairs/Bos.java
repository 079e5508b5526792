package dev.patchbay.analysis.pairs;

/** Whether text prompts get a beginning-of-sequence token; token ids are never touched. */
public enum Bos {
    /** What the tokenizer's own template does. */
    AUTO,
    /** Always one. */
    YES,
    /** Never one. */
    NO
}
