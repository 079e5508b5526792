package dev.patchbay.model.processed;

import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.input.Digests;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/** The tensors of a {@link Folding}, by their names in the graph. */
final class FoldedStore implements TensorStore {
    private final Folding folding;
    private final Supplier<String> digest;

    FoldedStore(Folding folding, Supplier<String> digest) {
        this.folding = folding;
        this.digest = digest;
    }

    @Override
    public Set<String> names() {
        return folding.shapes().keySet();
    }

    @Override
    public List<Long> shape(String name) {
        return Objects.requireNonNull(folding.shapes().get(name), name);
    }

    @Override
    public float[] floats(String name) {
        return folding.tensor(name);
    }

    /** SHA-256 of the kind of processing and of the model it was made from. */
    @Override
    public String digest() {
        return HexFormat.of()
                .formatHex(Digests.sha256().digest(("tl " + digest.get()).getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close() {
        folding.close();
    }
}
