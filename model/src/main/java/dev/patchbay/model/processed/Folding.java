package dev.patchbay.model.processed;

import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.checkpoint.GraphTensor;
import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.config.Architecture.Wiring;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** The arithmetic of {@link ProcessedModel}, in float64; matrices are {@code [in, out]}. */
final class Folding {
    private final Architecture architecture;
    private final WeightMap map;
    private final TensorStore store;
    private final boolean centred;
    private final boolean centredUnembedding;
    private final Map<String, List<Long>> shapes = new TreeMap<>();

    Folding(Architecture architecture, WeightMap map, TensorStore store) {
        this.architecture = architecture;
        this.map = map;
        this.store = store;
        centred = architecture.norm().kind() == NormKind.LAYER;
        centredUnembedding = architecture.head().softCap() == 0;
        map.sources().forEach((name, source) -> {
            if (!isFoldedNorm(name) && !name.endsWith(".v.bias")) {
                var shape = GraphTensor.shape(source);
                shapes.put(name, source.transposed() ? shape.reversed() : shape);
            }
        });
        map.sources().keySet().stream().filter(this::getsBias).forEach(name -> {
            var bias = name.replace(".weight", ".bias");
            shapes.putIfAbsent(
                    bias, List.of(Objects.requireNonNull(shapes.get(name), name).getLast()));
        });
    }

    /** The tensors that the processed model has, and their shapes. */
    Map<String, List<Long>> shapes() {
        return shapes;
    }

    /** Which steps do not apply. */
    List<String> notes() {
        var notes = new ArrayList<String>();
        if (!centred) {
            notes.add("--weights tl: RMSNorm does not remove the mean, so the residual stream is not centred");
        }
        if (!centredUnembedding) {
            notes.add("--weights tl: the logits are soft-capped, so the unembedding is not centred");
        }
        return notes;
    }

    /** The elements of a tensor of the processed model, row by row. */
    float[] tensor(String name) {
        var values = name.endsWith(".bias") ? bias(name) : weight(name);
        var rounded = new float[values.length];
        for (int at = 0; at < values.length; at++) {
            rounded[at] = (float) values[at];
        }
        return rounded;
    }

    private static boolean isFoldedNorm(String name) {
        return name.matches("(layers\\.\\d+\\.(ln1|ln2)|ln_final)\\.(weight|bias)");
    }

    /** The norm whose output a matrix reads; empty for one that reads something else. */
    private Optional<String> readNorm(String name) {
        if (name.startsWith("unembed.")) {
            return architecture.head().norm() ? Optional.of("ln_final") : Optional.empty();
        }
        var layer = name.replaceFirst("^(layers\\.\\d+\\.).*", "$1");
        if (name.matches("layers\\.\\d+\\.[qkv]\\.(weight|bias)")) {
            return Optional.of(layer + "ln1");
        }
        if (name.matches("layers\\.\\d+\\.mlp\\.(in|gate)\\.(weight|bias)")) {
            return Optional.of(layer + (architecture.wiring() == Wiring.PARALLEL_ONE_NORM ? "ln1" : "ln2"));
        }
        return Optional.empty();
    }

    private static boolean writes(String name) {
        return name.matches("layers\\.\\d+\\.(o|mlp\\.out)\\.(weight|bias)|(embed|pos_embed)\\.weight");
    }

    /** Whether a matrix gets a bias that it may not have had. */
    private boolean getsBias(String name) {
        if (name.matches("layers\\.\\d+\\.v\\.weight")) {
            return false;
        }
        if (name.matches("layers\\.\\d+\\.o\\.weight")) {
            return hasValueBias(name.replace(".o.weight", ".v.weight"));
        }
        return name.endsWith(".weight") && hasNormBias(name);
    }

    private boolean hasNormBias(String name) {
        return readNorm(name)
                .filter(norm -> map.sources().containsKey(norm + ".bias"))
                .isPresent();
    }

    private boolean hasValueBias(String valueWeight) {
        return map.sources().containsKey(valueWeight.replace(".weight", ".bias")) || hasNormBias(valueWeight);
    }

    private double[] weight(String name) {
        int columns =
                Math.toIntExact(Objects.requireNonNull(shapes.get(name), name).getLast());
        var values = stored(name);
        var norm = readNorm(name);
        if (norm.isPresent()) {
            scaleRows(values, columns, gains(norm.get(), values.length / columns));
            if (centred) {
                centreColumns(values, columns);
            }
        }
        boolean overVocabulary = name.equals("unembed.weight") && centredUnembedding;
        if (overVocabulary || (centred && writes(name))) {
            centreRows(values, columns);
        }
        return values;
    }

    private double[] bias(String name) {
        var weight = name.replace(".bias", ".weight");
        int length =
                Math.toIntExact(Objects.requireNonNull(shapes.get(name), name).getLast());
        var values = readBias(name, length);
        if ((centred && writes(name)) || (name.equals("unembed.bias") && centredUnembedding)) {
            centreRows(values, length);
        }
        if (name.endsWith(".o.bias") && hasValueBias(weight.replace(".o.", ".v."))) {
            addValueBias(values, weight);
        }
        return values;
    }

    /** A matrix's bias with that of the norm it reads. */
    private double[] readBias(String name, int length) {
        var values = map.sources().containsKey(name) ? stored(name) : new double[length];
        var weight = name.replace(".bias", ".weight");
        if (hasNormBias(weight)) {
            addProduct(values, stored(readNorm(weight).orElseThrow() + ".bias"), stored(weight));
        }
        return values;
    }

    /** Every query head's row of the output projection reads the value of its kv-head, whose weights sum to 1. */
    private void addValueBias(double[] values, String outputWeight) {
        var valueBias = readBias(outputWeight.replace(".o.weight", ".v.bias"), architecture.keyValueWidth());
        int size = architecture.headSize();
        var ofQueryHeads = new double[architecture.queryWidth()];
        for (int head = 0; head < architecture.heads(); head++) {
            System.arraycopy(valueBias, head / architecture.groupSize() * size, ofQueryHeads, head * size, size);
        }
        addProduct(values, ofQueryHeads, weight(outputWeight));
    }

    /** What a norm multiplies by. */
    private double[] gains(String norm, int length) {
        if (!map.sources().containsKey(norm + ".weight")) {
            var ones = new double[length];
            Arrays.fill(ones, 1);
            return ones;
        }
        var gains = stored(norm + ".weight");
        for (int at = 0; at < length; at++) {
            gains[at] += architecture.norm().weightOffset();
        }
        return gains;
    }

    /** A tensor as it is stored, matrices {@code [in, out]}. */
    private double[] stored(String name) {
        Source source = Objects.requireNonNull(map.sources().get(name), name);
        var tensor = GraphTensor.read(store, source);
        var values = tensor.values();
        var result = new double[values.length];
        int inner = Math.toIntExact(tensor.shape().getLast());
        int outer = inner == 0 ? 0 : values.length / inner;
        for (int row = 0; row < outer; row++) {
            for (int column = 0; column < inner; column++) {
                int to = tensor.transposed() ? column * outer + row : row * inner + column;
                result[to] = values[row * inner + column];
            }
        }
        return result;
    }

    private static void scaleRows(double[] matrix, int columns, double[] factors) {
        for (int at = 0; at < matrix.length; at++) {
            matrix[at] *= factors[at / columns];
        }
    }

    private static void centreColumns(double[] matrix, int columns) {
        int rows = matrix.length / columns;
        for (int column = 0; column < columns; column++) {
            double sum = 0;
            for (int row = 0; row < rows; row++) {
                sum += matrix[row * columns + column];
            }
            for (int row = 0; row < rows; row++) {
                matrix[row * columns + column] -= sum / rows;
            }
        }
    }

    private static void centreRows(double[] matrix, int columns) {
        for (int row = 0; row < matrix.length; row += columns) {
            double sum = 0;
            for (int at = row; at < row + columns; at++) {
                sum += matrix[at];
            }
            for (int at = row; at < row + columns; at++) {
                matrix[at] -= sum / columns;
            }
        }
    }

    /** Adds {@code row · matrix}. */
    private static void addProduct(double[] sum, double[] row, double[] matrix) {
        for (int at = 0; at < matrix.length; at++) {
            sum[at % sum.length] += row[at / sum.length] * matrix[at];
        }
    }

    void close() {
        store.close();
    }
}
