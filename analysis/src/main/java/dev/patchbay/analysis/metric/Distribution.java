package dev.patchbay.analysis.metric;

/** Probabilities in natural logarithms, from logits; NaN anywhere makes everything NaN. */
final class Distribution {
    private final double[] logits;
    private final double logTotal;

    Distribution(double[] logits) {
        this.logits = logits;
        double largest = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            largest = Math.max(largest, logit);
        }
        double total = 0;
        for (double logit : logits) {
            total += Math.exp(logit - largest);
        }
        logTotal = largest + Math.log(total);
    }

    double logProbability(int token) {
        return logits[token] - logTotal;
    }

    /** Log of the summed probability of {@code tokens}. */
    double logProbability(int[] tokens) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int token : tokens) {
            largest = Math.max(largest, logProbability(token));
        }
        if (largest == Double.NEGATIVE_INFINITY) {
            return largest;
        }
        double total = 0;
        for (int token : tokens) {
            total += Math.exp(logProbability(token) - largest);
        }
        return largest + Math.log(total);
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
