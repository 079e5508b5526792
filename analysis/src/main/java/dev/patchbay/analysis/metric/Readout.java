package dev.patchbay.analysis.metric;

/**
 * What a metric sees of one run, read at END. Holds what {@link Reads} promises and nothing else: asking for more is an
 * {@link IllegalStateException}. Immutable as long as nobody writes into the arrays it was made from.
 */
public final class Readout {
    private final Reads reads;
    private final int[] answers;
    private final int[] wrongs;
    private final float[] values;

    private Readout(Reads reads, int[] answers, int[] wrongs, float[] values) {
        this.reads = reads;
        this.answers = answers;
        this.wrongs = wrongs;
        this.values = values;
    }

    /**
     * A reading.
     *
     * @param answers token ids of the answer's alternatives
     * @param wrongs token ids of the wrong answer's alternatives
     * @param values for {@link Reads#CHOSEN} the logits of answers and wrongs, in this order; for {@link Reads#VOCABULARY}
     *     all logits; for {@link Reads#UNEMBEDDING_INPUT} the vector
     */
    public static Readout of(Reads reads, int[] answers, int[] wrongs, float[] values) {
        if (reads == Reads.CHOSEN && values.length != answers.length + wrongs.length) {
            throw new IllegalArgumentException(
                    values.length + " logits for " + answers.length + " answers and " + wrongs.length + " wrong ones");
        }
        return new Readout(reads, answers.clone(), wrongs.clone(), values);
    }

    /** Token ids of the answer's alternatives. */
    public int[] answers() {
        return answers.clone();
    }

    /** Token ids of the wrong answer's alternatives. */
    public int[] wrongs() {
        return wrongs.clone();
    }

    /** Logits of the answer's alternatives. */
    public double[] answerLogits() {
        return chosen(answers, 0);
    }

    /** Logits of the wrong answer's alternatives. */
    public double[] wrongLogits() {
        return chosen(wrongs, answers.length);
    }

    /** All logits, by token id. */
    public double[] vocabulary() {
        return widened(Reads.VOCABULARY);
    }

    /** What the unembedding reads: the output of the final norm, or the residual stream where there is no such norm. */
    public double[] unembeddingInput() {
        return widened(Reads.UNEMBEDDING_INPUT);
    }

    private double[] chosen(int[] tokens, int begin) {
        var logits = new double[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            logits[i] = switch (reads) {
                case CHOSEN -> values[begin + i];
                case VOCABULARY -> values[tokens[i]];
                case UNEMBEDDING_INPUT -> throw unread(Reads.CHOSEN);
            };
        }
        return logits;
    }

    private double[] widened(Reads wanted) {
        if (reads != wanted) {
            throw unread(wanted);
        }
        var widened = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            widened[i] = values[i];
        }
        return widened;
    }

    private IllegalStateException unread(Reads wanted) {
        return new IllegalStateException("the metric declared " + reads + " and asks for " + wanted);
    }
}
