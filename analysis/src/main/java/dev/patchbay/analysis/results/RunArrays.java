package dev.patchbay.analysis.results;

import dev.patchbay.analysis.io.JsonText;
import dev.patchbay.analysis.statistics.Estimates;
import dev.patchbay.analysis.sweep.Effects;
import dev.patchbay.analysis.sweep.GridAxis;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import dev.patchbay.model.checkpoint.SafetensorsWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The numbers of a run as arrays with names, float32 as files hold them, and the facts that say what their axes are.
 *
 * @param facts texts, or JSON where there is structure
 * @param axes the axes of a cell, outermost first
 * @param arrays in the order of presentation; a cell's have the shape of the axes, those of pairs one more in front
 */
record RunArrays(Map<String, String> facts, List<GridAxis> axes, List<Array> arrays) {
    /** The arrays that have one number a cell, in the order of columns; the others come after them. */
    private static final List<String> COLUMNS = List.of(
            "n",
            "not_finite",
            "delta",
            "standard_error",
            "low",
            "high",
            "effect",
            "effect_standard_error",
            "effect_low",
            "effect_high",
            "restored",
            "direct",
            "direct_standard_error",
            "direct_low",
            "direct_high",
            "indirect",
            "indirect_standard_error",
            "indirect_low",
            "indirect_high",
            "direct_effect",
            "indirect_effect");

    /** An array. */
    sealed interface Array {
        String name();

        List<Long> shape();

        /** An element as a boxed number. */
        Number at(int index);
    }

    /** Float32. */
    record Floats(String name, List<Long> shape, float[] values) implements Array {
        @Override
        public Number at(int index) {
            return values[index];
        }
    }

    /** Int32. */
    record Integers(String name, List<Long> shape, int[] values) implements Array {
        @Override
        public Number at(int index) {
            return values[index];
        }
    }

    static RunArrays of(Effects effects, RunFacts runFacts) {
        var facts = new LinkedHashMap<String, String>();
        runFacts.facts()
                .forEach((key, value) -> facts.put(key, value instanceof String text ? text : JsonText.line(value)));
        return new RunArrays(facts, effects.axes(), arrays(effects));
    }

    private static List<Array> arrays(Effects effects) {
        var cells = effects.shape();
        List<Long> pairs = List.of((long) effects.pairs().size());
        var both = new ArrayList<>(pairs);
        both.addAll(cells);
        var arrays = new ArrayList<Array>();
        arrays.add(new Integers("n", cells, effects.count()));
        arrays.add(new Integers("not_finite", cells, effects.notFinite()));
        arrays.add(floats("delta", cells, effects.delta()));
        errors("", cells, effects.total(), arrays);
        arrays.add(floats("effect", cells, effects.effect()));
        errors("effect_", cells, effects.normalised(), arrays);
        arrays.add(floats("restored", cells, effects.restored()));
        effects.direct().ifPresent(direct -> {
            arrays.add(floats("direct", cells, direct.direct().value()));
            errors("direct_", cells, direct.direct(), arrays);
            arrays.add(floats("indirect", cells, direct.indirect().value()));
            errors("indirect_", cells, direct.indirect(), arrays);
            arrays.add(floats("direct_effect", cells, direct.directEffect()));
            arrays.add(floats("indirect_effect", cells, direct.indirectEffect()));
            arrays.add(floats("direct_patched", both, direct.patched()));
        });
        arrays.add(floats("patched", both, effects.patched()));
        arrays.add(floats("clean", pairs, effects.clean()));
        effects.corrupted().ifPresent(values -> arrays.add(floats("corrupted", pairs, values)));
        return arrays;
    }

    private static void errors(String prefix, List<Long> shape, Estimates estimates, List<Array> arrays) {
        arrays.add(floats(prefix + "standard_error", shape, estimates.standardError()));
        arrays.add(floats(prefix + "low", shape, estimates.low()));
        arrays.add(floats(prefix + "high", shape, estimates.high()));
    }

    private static Floats floats(String name, List<Long> shape, double[] values) {
        var floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return new Floats(name, shape, floats);
    }

    /**
     * Reads what {@link #safetensors} wrote.
     *
     * @throws InputException where the file is none of ours
     */
    static RunArrays read(Path path) {
        try (var file = SafetensorsFile.open(path)) {
            var facts = file.metadata();
            var arrays = new ArrayList<Array>();
            for (var tensor : file.tensors().values()) {
                if (tensor.type().isInteger()) {
                    long[] values = file.integers(tensor.name());
                    var small = new int[values.length];
                    for (int i = 0; i < small.length; i++) {
                        small[i] = Math.toIntExact(values[i]);
                    }
                    arrays.add(new Integers(tensor.name(), tensor.shape(), small));
                } else {
                    arrays.add(new Floats(tensor.name(), tensor.shape(), file.floats(tensor.name())));
                }
            }
            if (!(json(facts, "coords", path) instanceof Json.Members coordinates)) {
                throw strange(path);
            }
            var axes = texts(json(facts, "axes", path), path).stream()
                    .map(name ->
                            new GridAxis(name, texts(coordinates.find(name).orElseThrow(() -> strange(path)), path)))
                    .toList();
            return new RunArrays(facts, axes, arrays);
        }
    }

    private static Json json(Map<String, String> facts, String name, Path path) {
        String text = facts.get(name);
        if (text == null) {
            throw strange(path);
        }
        return Json.parse(text.getBytes(StandardCharsets.UTF_8), path + ": " + name);
    }

    private static List<String> texts(Json json, Path path) {
        if (!(json instanceof Json.Array(List<Json> values))) {
            throw strange(path);
        }
        return values.stream()
                .map(value -> switch (value) {
                    case Json.Text(String text) -> text;
                    case Json.Numeral(String text) -> text;
                    default -> throw strange(path);
                })
                .toList();
    }

    private static InputException strange(Path path) {
        return new InputException(path + ": expected the arrays of a sweep with their axes and coordinates");
    }

    /** The arrays that have one number a cell, in the order of columns. */
    List<Array> perCell() {
        return COLUMNS.stream()
                .flatMap(name -> arrays.stream().filter(array -> array.name().equals(name)))
                .toList();
    }

    /** Number of cells. */
    int cells() {
        return axes.stream().mapToInt(GridAxis::size).reduce(1, Math::multiplyExact);
    }

    /** The labels of a cell, one an axis. */
    List<String> labels(int cell) {
        int rest = cell;
        var its = new ArrayList<String>();
        for (GridAxis axis : axes.reversed()) {
            its.addFirst(axis.labels().get(rest % axis.size()));
            rest /= axis.size();
        }
        return its;
    }

    SafetensorsWriter safetensors() {
        var writer = new SafetensorsWriter();
        facts.forEach(writer::note);
        for (var array : arrays) {
            switch (array) {
                case Floats(String name, List<Long> shape, float[] values) -> writer.add(name, shape, values);
                case Integers(String name, List<Long> shape, int[] values) -> writer.add(name, shape, values);
            }
        }
        return writer;
    }
}
