package dev.patchbay.model.run;

import dev.patchbay.device.Device;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.config.Rope;

/** Cosine and sine of every position and frequency, {@code [positions, rotary / 2]}, computed in double. */
record RotaryTable(Tensor cosine, Tensor sine) implements AutoCloseable {
    static RotaryTable upload(Device device, Rope rope, int positions) {
        int half = rope.rotary() / 2;
        float[] cosine = new float[Math.multiplyExact(positions, half)];
        float[] sine = new float[cosine.length];
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < half; i++) {
                double angle = position * rope.inverseFrequencies().get(i);
                cosine[position * half + i] = (float) (Math.cos(angle) * rope.magnitude());
                sine[position * half + i] = (float) (Math.sin(angle) * rope.magnitude());
            }
        }
        return new RotaryTable(
                device.upload(cosine, positions, half, "rope cosine"),
                device.upload(sine, positions, half, "rope sine"));
    }

    @Override
    public void close() {
        cosine.buffer().close();
        sine.buffer().close();
    }
}
