package dev.patchbay.model.config;

import dev.patchbay.device.Ops.ActivationKind;
import java.util.Map;
import java.util.TreeMap;

/** The names that configurations give to activation functions. */
final class Activations {
    private static final Map<String, ActivationKind> KINDS = new TreeMap<>(Map.ofEntries(
            Map.entry("gelu", ActivationKind.GELU_ERF),
            Map.entry("gelu_python", ActivationKind.GELU_ERF),
            Map.entry("gelu_new", ActivationKind.GELU_TANH),
            Map.entry("gelu_fast", ActivationKind.GELU_TANH),
            Map.entry("gelu_pytorch_tanh", ActivationKind.GELU_TANH),
            Map.entry("quick_gelu", ActivationKind.QUICK_GELU),
            Map.entry("relu", ActivationKind.RELU),
            Map.entry("silu", ActivationKind.SILU),
            Map.entry("swish", ActivationKind.SILU),
            Map.entry("linear", ActivationKind.IDENTITY)));

    private Activations() {}

    /** The activation under one of these keys. */
    static ActivationKind read(ConfigSection config, String otherwise, String... keys) {
        var name = config.text(keys).orElse(otherwise);
        var kind = KINDS.get(name);
        if (kind == null) {
            throw config.fault(keys[0], "one of " + KINDS.keySet(), '"' + name + '"');
        }
        return kind;
    }
}
