package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.input.Names;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Compares the tensors of a checkpoint with those that its configuration asks for: the same set, types and shapes. */
final class TensorSet {
    private static final Pattern LAYER = Pattern.compile("(.*?)(?<![^.])(\\d{1,6})\\..*");

    private final String where;
    private final Architecture architecture;
    private final WeightMap weights;
    private final ShardedTensors tensors;

    private TensorSet(String where, Architecture architecture, WeightMap weights, ShardedTensors tensors) {
        this.where = where;
        this.architecture = architecture;
        this.weights = weights;
        this.tensors = tensors;
    }

    /** Checks everything but the values; a copy's values too, as two heads that differ are two models. */
    static void check(String where, Architecture architecture, WeightMap weights, ShardedTensors tensors) {
        var check = new TensorSet(where, architecture, weights, tensors);
        check.checkNames();
        new TreeMap<>(weights.sources()).forEach(check::checkTensor);
        weights.copies().forEach(check::checkCopy);
    }

    private void checkNames() {
        var expected = new TreeSet<String>();
        weights.sources().values().forEach(source -> {
            expected.add(source.tensor());
            source.scales().ifPresent(expected::add);
        });
        var missing = new TreeSet<>(expected);
        missing.removeAll(tensors.names());
        var extra = new TreeSet<>(tensors.names());
        extra.removeAll(expected);
        extra.removeAll(Set.copyOf(weights.ignored()));
        extra.removeAll(weights.copies().keySet());
        if (missing.isEmpty() && extra.isEmpty()) {
            return;
        }
        var stored = storedLayers(expected);
        if (stored.isPresent() && stored.getAsInt() != architecture.layers()) {
            throw InputCode.W_LAYERS.refusal(
                    where + ": config.json says " + architecture.layers() + " layers, the checkpoint holds "
                            + stored.getAsInt() + ": correct the number of layers in config.json");
        }
        throw InputCode.W_SET.refusal(
                where + ": the tensors are not those of a " + architecture.family() + " with this config.json"
                        + (missing.isEmpty() ? "" : "; missing: " + Names.list(missing))
                        + (extra.isEmpty() ? "" : "; not part of the model: " + Names.list(extra)));
    }

    /** One more than the highest layer that is stored under a prefix that expected layers have. */
    private OptionalInt storedLayers(Set<String> expected) {
        var prefixes = new TreeMap<String, Integer>();
        for (var name : expected) {
            var matcher = LAYER.matcher(name);
            if (matcher.matches()) {
                prefixes.put(matcher.group(1), 0);
            }
        }
        for (var name : tensors.names()) {
            var matcher = LAYER.matcher(name);
            if (matcher.matches()) {
                prefixes.computeIfPresent(
                        matcher.group(1), (_, count) -> Math.max(count, Integer.parseInt(matcher.group(2)) + 1));
            }
        }
        return prefixes.values().stream().mapToInt(Integer::intValue).max();
    }

    private void checkTensor(String graph, WeightMap.Source source) {
        var tensor = tensors.tensor(source.tensor());
        if (source.scales().isPresent()) {
            checkBlocks(source, tensor);
            return;
        }
        if (!tensor.type().isWeight()) {
            throw InputCode.ST_DTYPE.refusal(where + ": tensor " + Names.quote(tensor.name())
                    + ": expected F32, F16, BF16 or F64, found " + tensor.type() + ": not a weight of this model");
        }
        if (!tensor.shape().equals(source.shape())) {
            boolean rows = (graph.equals("embed.weight") || graph.equals("unembed.weight"))
                    && !tensor.shape().isEmpty()
                    && tensor.shape().getFirst() != architecture.vocabulary();
            throw InputCode.W_SET.refusal(where + ": tensor " + Names.quote(tensor.name()) + ": expected shape "
                    + source.shape() + (rows ? " as vocab_size is " + architecture.vocabulary() : "") + ", found "
                    + tensor.shape());
        }
    }

    /** Blocks of small numbers, and for each a scale. */
    private void checkBlocks(WeightMap.Source source, StoredTensor blocks) {
        var scales = tensors.tensor(source.scales().orElseThrow());
        checkBytes(blocks, source.shape());
        checkBytes(scales, source.shape().subList(0, source.shape().size() - 1));
    }

    private void checkBytes(StoredTensor tensor, List<Long> shape) {
        if (tensor.type() != StoredType.U8 || !tensor.shape().equals(shape)) {
            throw InputCode.W_SET.refusal(where + ": tensor " + Names.quote(tensor.name()) + ": expected U8 " + shape
                    + ", as MXFP4 weights of this model are, found " + tensor.type() + " " + tensor.shape());
        }
    }

    private void checkCopy(String copy, String original) {
        if (!tensors.names().contains(copy)) {
            return;
        }
        if (!tensors.equal(copy, original)) {
            throw InputCode.W_TIE.refusal(
                    where + ": tie_word_embeddings says that " + Names.quote(copy) + " is " + Names.quote(original)
                            + ", but their values differ: correct config.json or the checkpoint, or use the stored head with --untie");
        }
    }

    /** How many tensors there are of each type. */
    static Map<StoredType, Integer> types(ShardedTensors tensors) {
        var types = new TreeMap<StoredType, Integer>();
        tensors.names().forEach(name -> types.merge(tensors.tensor(name).type(), 1, Integer::sum));
        return types;
    }
}
