package dev.patchbay.analysis.pairs;

/** What happens to answers of several tokens. */
public enum LongAnswers {
    /** They are an error that says how many pairs are affected. */
    REFUSE,
    /** Their first token stands for them. */
    FIRST,
    /** All their tokens are kept. */
    ALL
}
