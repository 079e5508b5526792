package dev.patchbay.analysis.metric;

/** Probabilities in natural logarithms, from logits; NaN anywhere makes everything NaN. */
final class Distribution {
    private final double[] logits;
    private final double largest;
    private final double logTotal;

    Distribution(double[] logits) {
        this.logits = logits;
        double top = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            top = Math.max(top, logit);
        }
        largest = top;
        double total = 0;
        for (double logit : logits) {
            total += Math.exp(logit - largest);
        }
        logTotal = Math.log(total);
    }

    double logProbability(int token) {
        // In this order a large common part of the logits cancels exactly.
        return logits[token] - largest - logTotal;
    }

    /** Log of the summed probability of {@code tokens}. */
    double logProbability(int[] tokens) {
        double top = Double.NEGATIVE_INFINITY;
        for (int token : tokens) {
            top = Math.max(top, logProbability(token));
        }
        if (top == Double.NEGATIVE_INFINITY) {
            return top;
        }
        double total = 0;
        for (int token : tokens) {
            total += Math.exp(logProbability(token) - top);
        }
        return top + Math.log(total);
    }

    double probability(int[] tokens) {
        double total = 0;
        for (int token : tokens) {
            total += Math.exp(logProbability(token));
        }
        return total;
    }

    /** Σ p · (log p − log q) over the vocabulary, in nats; tokens of probability 0 add nothing. */
    double divergenceTo(Distribution other) {
        double sum = 0;
        for (int token = 0; token < logits.length; token++) {
            double log = logProbability(token);
            double probability = Math.exp(log);
            if (probability != 0) {
                sum += probability * (log - other.logProbability(token));
            }
        }
        return sum;
    }
}
