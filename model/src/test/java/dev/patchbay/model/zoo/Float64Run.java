package dev.patchbay.model.zoo;

/** What a {@link Float64Forward} run kept. Arrays are the caller's; positions come before features. */
public final class Float64Run {
    private final Float64Forward model;
    final double[][][] residualBefore;
    final double[][][] attentionInput;
    final double[][][][] patterns;
    final double[][][][] z;
    double[][] residualAfter = {};
    double[][] logits = {};

    Float64Run(Float64Forward model, int layers) {
        this.model = model;
        residualBefore = new double[layers][][];
        attentionInput = new double[layers][][];
        patterns = new double[layers][][][];
        z = new double[layers][][][];
    }

    /** {@code resid_pre} of a layer, {@code [position, d_model]}. */
    public double[][] residualBefore(int layer) {
        return residualBefore[layer];
    }

    /** The normalised residual stream that a layer's attention reads, {@code [position, d_model]}. */
    public double[][] attentionInput(int layer) {
        return attentionInput[layer];
    }

    /** {@code resid_post} of the last layer, {@code [position, d_model]}. */
    public double[][] residualAfter() {
        return residualAfter;
    }

    /** Attention of a head, {@code [query, key]}. */
    public double[][] pattern(int layer, int head) {
        return patterns[layer][head];
    }

    /** z of a head, {@code [position, d_head]}. */
    public double[][] z(int layer, int head) {
        return z[layer][head];
    }

    /** {@code [position, vocabulary]}. */
    public double[][] logits() {
        return logits;
    }

    /** Logits at the last position. */
    public double[] lastLogits() {
        return logits[logits.length - 1];
    }

    /** What a head writes at a position: z · W_O, {@code [d_model]}. */
    public double[] result(int layer, int head, int position) {
        return model.result(layer, head, z[layer][head][position]);
    }

    /** Logit of {@code answer} less logit of {@code wrong} at the last position. */
    public double logitDifference(int answer, int wrong) {
        return lastLogits()[answer] - lastLogits()[wrong];
    }

    /** Probabilities at the last position. */
    public double[] lastProbabilities() {
        var probabilities = lastLogits().clone();
        Float64Math.softmax(probabilities);
        return probabilities;
    }
}
