package dev.patchbay.model.zoo;

import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.TensorStore;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Named float32 tensors in memory. Immutable once made; {@link #close} has nothing to free. */
public final class MemoryTensorStore implements TensorStore {
    private final TreeMap<String, Matrix> tensors;
    private final String digest;

    /** A store of copies of {@code tensors}. */
    MemoryTensorStore(Map<String, Matrix> tensors) {
        this.tensors = new TreeMap<>(tensors);
        this.digest = digestOf(this.tensors);
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    @Override
    public List<Long> shape(String name) {
        return tensor(name).shape();
    }

    @Override
    public float[] floats(String name) {
        return tensor(name).values();
    }

    @Override
    public String digest() {
        return digest;
    }

    @Override
    public void close() {}

    private Matrix tensor(String name) {
        var tensor = tensors.get(name);
        if (tensor == null) {
            throw new InputException("no tensor \"" + name + "\" in this model; it has " + tensors.keySet());
        }
        return tensor;
    }

    private static String digestOf(Map<String, Matrix> tensors) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            tensors.forEach((name, tensor) -> {
                sha.update((name + " " + tensor.shape() + "\n").getBytes(StandardCharsets.UTF_8));
                var values = tensor.values();
                var bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                        .order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(values);
                sha.update(bytes);
            });
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }
}
