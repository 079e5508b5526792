package dev.patchbay.model.zoo;

import dev.patchbay.model.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** The hand-weighted models, by name. */
public final class Zoo {
    /** Ballast of the norm variants: the norm is within 1e-4 of the identity. */
    private static final double BALLAST = 100;

    private record Entry(String description, BiFunction<String, String, ZooModel> builder) {}

    private Zoo() {}

    private static Map<String, Entry> entries() {
        var entries = new LinkedHashMap<String, Entry>();
        entries.put(
                "ioi", ioi("Indirect-object circuit with induction, label heads and decoys", false, NormVariant.NONE));
        entries.put("ioi-rms", ioi("ioi inside RMSNorm", false, NormVariant.rms(BALLAST)));
        entries.put(
                "ioi-ln", ioi("ioi inside LayerNorm, sign-doubled", false, NormVariant.signDoubledLayerNorm(BALLAST)));
        entries.put("ioi-gqa", ioi("ioi with two query heads a key/value head", true, NormVariant.NONE));
        entries.put(
                "ioi-repair",
                new Entry(
                        "ioi with strong self-repair: ablating the name mover raises the logit difference",
                        (name, description) -> IoiModel.build(
                                name, description, IoiModel.Gains.STRONG_REPAIR, false, NormVariant.NONE)));
        entries.put("ioi-mini", new Entry("Indirect objects in three layers of one head", IoiMiniModel::build));
        entries.put("facts", new Entry("Memory, context, relation and mixed heads", FactModel::build));
        entries.put("induction", new Entry("Two layers of one head that do induction", InductionModel::build));
        entries.put(
                "function-vector", new Entry("A head that carries the task of a prompt", FunctionVectorModel::build));
        return entries;
    }

    private static Entry ioi(String description, boolean grouped, NormVariant norm) {
        return new Entry(description, (name, text) -> IoiModel.build(name, text, IoiModel.Gains.PLAIN, grouped, norm));
    }

    /** The names of all models, in the order of presentation. */
    public static List<String> names() {
        return List.copyOf(entries().keySet());
    }

    /**
     * Builds a model.
     *
     * @throws InputException where there is none of that name
     */
    public static ZooModel open(String name) {
        var entry = entries().get(name);
        if (entry == null) {
            throw new InputException("no model \"" + name + "\" in the zoo; it has " + String.join(", ", names()));
        }
        return entry.builder().apply(name, entry.description());
    }
}
