package dev.patchbay.model.zoo;

import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.config.Architecture;
import java.util.HashMap;
import java.util.Map;

/**
 * How a norm-free construction runs inside a real norm. A ballast (+C, −C) in the residual stream keeps its norm nearly
 * constant, and the norm's weight γ = √(2C²/n) brings the scale back: as C grows the norm tends to the identity.
 * LayerNorm also subtracts the mean, so there the stream is sign-doubled, {@code (x, C, −x, −C)}: its mean is 0, weights
 * read the first half and every write goes to both.
 *
 * @param norm the norm before every layer and before the unembedding
 * @param ballast C, 0 without a norm
 * @param doubled whether the stream is sign-doubled
 */
record NormVariant(Architecture.Norm norm, double ballast, boolean doubled) {
    static final NormVariant NONE = new NormVariant(new Architecture.Norm(NormKind.IDENTITY, 0f, 0f), 0, false);

    static NormVariant rms(double ballast) {
        return new NormVariant(new Architecture.Norm(NormKind.RMS, 1e-5f, 0f), ballast, false);
    }

    static NormVariant signDoubledLayerNorm(double ballast) {
        return new NormVariant(new Architecture.Norm(NormKind.LAYER, 1e-5f, 0f), ballast, true);
    }

    boolean isNorm() {
        return norm.kind() != NormKind.IDENTITY;
    }

    /** The width of the residual stream for a construction of {@code plainWidth}. */
    int width(int plainWidth) {
        return !isNorm() ? plainWidth : doubled ? 2 * (plainWidth + 1) : plainWidth + 2;
    }

    /** The stored weights of a construction. */
    Map<String, Matrix> apply(Map<String, Matrix> plain, int plainWidth, int layers) {
        if (!isNorm()) {
            return plain;
        }
        var stored = new HashMap<String, Matrix>();
        plain.forEach((name, matrix) -> stored.put(name, widened(name, matrix, plainWidth)));
        int width = width(plainWidth);
        var weight = Matrix.filledVector(width, Math.sqrt(2 * ballast * ballast / width));
        for (int layer = 0; layer < layers; layer++) {
            stored.put("layers." + layer + ".ln1.weight", weight);
        }
        stored.put("ln_final.weight", weight);
        return stored;
    }

    private Matrix widened(String name, Matrix plain, int plainWidth) {
        if (name.equals("embed.weight") || name.equals("pos_embed.weight") || name.endsWith(".o.weight")) {
            return widenedWrite(plain, plainWidth, name.equals("embed.weight") ? ballast : 0);
        }
        if (plain.isVector() || name.contains(".mlp.")) {
            throw new IllegalArgumentException("norm variants are for attention-only models without biases: " + name);
        }
        return widenedRead(plain, plainWidth);
    }

    /** A matrix whose columns are the residual stream. */
    private Matrix widenedWrite(Matrix plain, int plainWidth, double ballastWritten) {
        var wide = Matrix.of(plain.rows(), width(plainWidth));
        int mirror = plainWidth + 1;
        for (int row = 0; row < plain.rows(); row++) {
            for (int column = 0; column < plainWidth; column++) {
                wide.set(row, column, plain.get(row, column));
                if (doubled) {
                    wide.set(row, mirror + column, -plain.get(row, column));
                }
            }
            wide.set(row, plainWidth, ballastWritten);
            wide.set(row, wide.columns() - 1, -ballastWritten);
        }
        return wide;
    }

    /** A matrix whose rows are the residual stream. */
    private Matrix widenedRead(Matrix plain, int plainWidth) {
        var wide = Matrix.of(width(plainWidth), plain.columns());
        for (int row = 0; row < plainWidth; row++) {
            for (int column = 0; column < plain.columns(); column++) {
                wide.set(row, column, plain.get(row, column));
            }
        }
        return wide;
    }
}
