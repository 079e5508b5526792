package dev.patchbay.model.run;

import dev.patchbay.device.Device;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.config.Rope;
import java.util.ArrayList;
import java.util.List;

/**
 * Cosine and sine of every position and frequency, {@code [positions, rotary / 2]}, computed in double; where long sequences
 * have other frequencies, those of the same positions follow.
 *
 * @param positions number of positions
 */
record RotaryTable(Tensor cosine, Tensor sine, int positions) implements AutoCloseable {
    static RotaryTable upload(Device device, Rope rope, int positions) {
        var regimes = new ArrayList<List<Double>>();
        regimes.add(rope.inverseFrequencies());
        rope.longer().ifPresent(longer -> regimes.add(longer.inverseFrequencies()));
        int half = rope.rotary() / 2;
        int rows = Math.multiplyExact(positions, regimes.size());
        float[] cosine = new float[Math.multiplyExact(rows, half)];
        float[] sine = new float[cosine.length];
        for (int row = 0; row < rows; row++) {
            var frequencies = regimes.get(row / positions);
            for (int i = 0; i < half; i++) {
                double angle = row % positions * frequencies.get(i);
                cosine[row * half + i] = (float) (Math.cos(angle) * rope.magnitude());
                sine[row * half + i] = (float) (Math.sin(angle) * rope.magnitude());
            }
        }
        return new RotaryTable(
                device.upload(cosine, rows, half, "rope cosine"),
                device.upload(sine, rows, half, "rope sine"),
                positions);
    }

    /** The row of the table that turns {@code position} of a sequence of {@code length} positions. */
    int row(Rope rope, int position, int length) {
        return rope.isLong(length) ? positions + position : position;
    }

    @Override
    public void close() {
        cosine.buffer().close();
        sine.buffer().close();
    }
}
