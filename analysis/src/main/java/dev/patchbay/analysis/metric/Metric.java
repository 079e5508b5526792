package dev.patchbay.analysis.metric;

import dev.patchbay.model.InputException;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * A number read from a run at END. Evaluated in double precision from float32 logits; a NaN among what it reads gives NaN.
 * Where an answer has several alternatives, logits are averaged and probabilities summed over them. Stateless, for any
 * thread.
 */
public sealed interface Metric {
    /** Names of the metrics that need nothing else, in the order of presentation; besides there is {@code dot:FILE#name}. */
    List<String> NAMES = List.of("logit_diff", "prob_diff", "logit", "log_prob", "prob", "rank", "margin", "kl");

    /** The name used on the command line and in files. */
    String id();

    /** What of a run it needs. */
    Reads reads();

    /** Whether it needs an answer. */
    default boolean needsAnswer() {
        return true;
    }

    /** Whether it needs a wrong answer. */
    default boolean needsWrong() {
        return false;
    }

    /**
     * The number.
     *
     * @param run what was read of the run
     * @param base what was read of the run without the intervention; only {@code kl} looks at it
     */
    double value(Readout run, Readout base);

    /**
     * The metric of a name.
     *
     * @param vectors gives the vector of {@code FILE#name}
     * @throws InputException where there is none of that name
     */
    static Metric named(String name, Function<String, float[]> vectors) {
        return switch (name) {
            case "logit_diff" -> new LogitDifference();
            case "prob_diff" -> new ProbabilityDifference();
            case "logit" -> new Logit();
            case "log_prob" -> new LogProbability();
            case "prob" -> new Probability();
            case "rank" -> new Rank();
            case "margin" -> new Margin();
            case "kl" -> new Divergence();
            default -> {
                if (name.startsWith("dot:")) {
                    yield new Dot(name, vectors.apply(name.substring("dot:".length())));
                }
                throw new InputException("metric '" + name + "': unknown; expected one of " + String.join(", ", NAMES)
                        + " or dot:FILE#name");
            }
        };
    }

    /**
     * A metric of one's own.
     *
     * @param id its name in files
     * @param reads what it needs of a run
     * @param function of what was read; pure
     */
    static Metric of(String id, Reads reads, ToDoubleFunction<Readout> function) {
        return new Custom(id, reads, function);
    }

    /** Mean logit of the answers − mean logit of the wrong ones. */
    record LogitDifference() implements Metric {
        @Override
        public String id() {
            return "logit_diff";
        }

        @Override
        public Reads reads() {
            return Reads.CHOSEN;
        }

        @Override
        public boolean needsWrong() {
            return true;
        }

        @Override
        public double value(Readout run, Readout base) {
            return Values.mean(run.answerLogits()) - Values.mean(run.wrongLogits());
        }
    }

    /** Summed probability of the answers − summed probability of the wrong ones. */
    record ProbabilityDifference() implements Metric {
        @Override
        public String id() {
            return "prob_diff";
        }

        @Override
        public Reads reads() {
            return Reads.VOCABULARY;
        }

        @Override
        public boolean needsWrong() {
            return true;
        }

        @Override
        public double value(Readout run, Readout base) {
            var distribution = new Distribution(run.vocabulary());
            return distribution.probability(run.answers()) - distribution.probability(run.wrongs());
        }
    }

    /** Mean logit of the answers. */
    record Logit() implements Metric {
        @Override
        public String id() {
            return "logit";
        }

        @Override
        public Reads reads() {
            return Reads.CHOSEN;
        }

        @Override
        public double value(Readout run, Readout base) {
            return Values.mean(run.answerLogits());
        }
    }

    /** Natural logarithm of the summed probability of the answers. */
    record LogProbability() implements Metric {
        @Override
        public String id() {
            return "log_prob";
        }

        @Override
        public Reads reads() {
            return Reads.VOCABULARY;
        }

        @Override
        public double value(Readout run, Readout base) {
            return new Distribution(run.vocabulary()).logProbability(run.answers());
        }
    }

    /** Summed probability of the answers. */
    record Probability() implements Metric {
        @Override
        public String id() {
            return "prob";
        }

        @Override
        public Reads reads() {
            return Reads.VOCABULARY;
        }

        @Override
        public double value(Readout run, Readout base) {
            return new Distribution(run.vocabulary()).probability(run.answers());
        }
    }

    /**
     * Tokens that rank before the answer, 0 for the top: those of a larger logit, and of the same logit and a lower id. Of
     * several alternatives the best one counts.
     */
    record Rank() implements Metric {
        @Override
        public String id() {
            return "rank";
        }

        @Override
        public Reads reads() {
            return Reads.VOCABULARY;
        }

        @Override
        public double value(Readout run, Readout base) {
            return Values.bestRank(run.vocabulary(), run.answers());
        }
    }

    /** Largest logit among the answers − largest logit among all other tokens. */
    record Margin() implements Metric {
        @Override
        public String id() {
            return "margin";
        }

        @Override
        public Reads reads() {
            return Reads.VOCABULARY;
        }

        @Override
        public double value(Readout run, Readout base) {
            return Values.margin(run.vocabulary(), run.answers());
        }
    }

    /** KL(base ‖ run) over the vocabulary, in nats: 0 for the base run itself. */
    record Divergence() implements Metric {
        @Override
        public String id() {
            return "kl";
        }

        @Override
        public Reads reads() {
            return Reads.VOCABULARY;
        }

        @Override
        public boolean needsAnswer() {
            return false;
        }

        @Override
        public double value(Readout run, Readout base) {
            return new Distribution(base.vocabulary()).divergenceTo(new Distribution(run.vocabulary()));
        }
    }

    /**
     * Dot product of a vector with what the unembedding reads at END: the output of the final norm, or the last residual
     * stream where a model has no such norm.
     *
     * @param id {@code dot:FILE#name}
     * @param vector {@code [d_model]}
     */
    record Dot(String id, float[] vector) implements Metric {
        /** Copies the vector. */
        public Dot {
            vector = vector.clone();
        }

        @Override
        public float[] vector() {
            return vector.clone();
        }

        @Override
        public Reads reads() {
            return Reads.UNEMBEDDING_INPUT;
        }

        @Override
        public boolean needsAnswer() {
            return false;
        }

        @Override
        public double value(Readout run, Readout base) {
            return Values.dot(vector, run.unembeddingInput());
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Dot dot && id.equals(dot.id) && java.util.Arrays.equals(vector, dot.vector);
        }

        @Override
        public int hashCode() {
            return 31 * id.hashCode() + java.util.Arrays.hashCode(vector);
        }
    }

    /** A metric made by {@link #of}. */
    record Custom(String id, Reads reads, ToDoubleFunction<Readout> function) implements Metric {
        @Override
        public boolean needsAnswer() {
            return reads == Reads.CHOSEN;
        }

        @Override
        public double value(Readout run, Readout base) {
            return function.applyAsDouble(run);
        }
    }
}
