package dev.patchbay.analysis.io;

import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Edit.Basis;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Edit.Operation;
import dev.patchbay.model.program.EditBuilder;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.run.Bindings.NamedTensor;
import dev.patchbay.model.site.SitePoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A list of edits in JSON: {@code site}, {@code layer}, {@code head} or {@code heads}, {@code unit}, {@code positions},
 * {@code keys}, {@code row}, {@code op}, {@code value}, {@code basis}, and {@code factor} for {@code interpolate} (and, 1
 * where it is absent, for {@code add}).
 *
 * @param edits in the order of the file
 * @param tensors every {@code FILE#name} they mention, read
 */
public record EditsFile(List<Edit> edits, Map<String, NamedTensor> tensors) {
    private static final long LARGEST = 1L << 28;
    private static final List<String> KNOWN = List.of(
            "site", "layer", "head", "heads", "unit", "positions", "keys", "row", "op", "value", "factor", "basis");

    /** Copies the collections. */
    public EditsFile {
        edits = List.copyOf(edits);
        tensors = Map.copyOf(tensors);
    }

    /**
     * Reads a file. Whether heads, units and positions exist is checked when the edits run.
     *
     * @throws InputException naming the edit, the field, what was expected and what was found
     */
    public static EditsFile read(Path path, Architecture architecture) {
        var folder = Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(path);
        return parse(JsonLines.bytes(path, LARGEST), path.toString(), folder, architecture);
    }

    /** Reads the text of a file; relative names of tensors are looked for in {@code folder}. */
    public static EditsFile parse(byte[] utf8, String name, Path folder, Architecture architecture) {
        if (!(Json.parse(utf8, name) instanceof Json.Array(List<Json> values))) {
            throw new InputException(name + ": expected a list of edits […]");
        }
        var tensors = new LinkedHashMap<String, NamedTensor>();
        var edits = new ArrayList<Edit>();
        for (int index = 0; index < values.size(); index++) {
            var fields = Fields.of(values.get(index), name + " edit " + index, KNOWN);
            edits.add(edit(fields, architecture, tensors, folder));
        }
        return new EditsFile(edits, tensors);
    }

    private static Edit edit(Fields fields, Architecture architecture, Map<String, NamedTensor> tensors, Path folder) {
        var edit = place(fields, architecture);
        fields.find("unit").ifPresent(value -> edit.units(numbers(fields.integers("unit", value, "a list of units"))));
        fields.find("positions").ifPresent(value -> edit.positions(positions(fields, "positions", value)));
        fields.find("keys").ifPresent(value -> edit.keys(positions(fields, "keys", value)));
        fields.find("row").ifPresent(value -> edit.rows(numbers(oneOrMore(fields, "row", value))));
        var operation = operation(fields);
        var values = new EditValueReader(fields, operation, tensors, folder);
        return edit.done(
                operation, values.factor(), values.source(), values.basis().<Basis>map(Basis.Named::new));
    }

    /** Site, layers and heads. */
    private static EditBuilder place(Fields fields, Architecture architecture) {
        String name = fields.text("site", fields.require("site", "a site, for example \"z\""));
        var points = SitePoint.parse(name, architecture);
        var site = points.getFirst().site();
        var edit = Edit.at(site);
        var layer = fields.find("layer");
        var pairs = fields.find("heads");
        boolean named = name.indexOf('.') >= 0;
        if (named && site.traits().perLayer()) {
            if (layer.isPresent() || pairs.isPresent()) {
                throw fields.fault("layer", "no layer besides site '" + name + "'", "one");
            }
            edit.layers(points.getFirst().layer());
        } else if (pairs.isPresent()) {
            if (layer.isPresent() || fields.find("head").isPresent()) {
                throw fields.fault("heads", "either heads or layer and head", "both");
            }
            edit.layerHeads(layerHeads(fields, pairs.get()));
        } else if (site.traits().perLayer()) {
            var value = fields.require("layer", "a layer, a list of layers or \"all\"");
            if (!(value instanceof Json.Text(String text) && text.equals("all"))) {
                edit.layers(numbers(oneOrMore(fields, "layer", value)));
            }
        } else if (layer.isPresent()) {
            throw fields.fault("layer", "no layer, since site '" + name + "' exists once", "one");
        }
        fields.find("head").ifPresent(value -> edit.heads(numbers(oneOrMore(fields, "head", value))));
        return edit;
    }

    private static List<LayerHead> layerHeads(Fields fields, Json value) {
        var heads = new ArrayList<LayerHead>();
        for (Json each : fields.array("heads", value, "a list of [layer, head]")) {
            var pair = fields.integers("heads", each, "[layer, head]");
            if (pair.size() != 2) {
                throw fields.fault("heads", "[layer, head]", pair.toString());
            }
            heads.add(new LayerHead(pair.get(0), pair.get(1)));
        }
        if (heads.isEmpty()) {
            throw fields.fault("heads", "at least one head", "none");
        }
        return heads;
    }

    private static Positions positions(Fields fields, String field, Json value) {
        if (value instanceof Json.Text text) {
            return switch (text.value()) {
                case "all" -> Positions.ALL;
                case "END" -> Positions.END;
                case "prompt" -> Positions.PROMPT;
                case "generated" -> Positions.GENERATED;
                case "last" -> Positions.LAST;
                default -> new Positions.Span(text.value());
            };
        }
        var listed = fields.integers(
                field, value, "a list of positions, a span, \"all\", \"END\", \"prompt\", \"generated\" or \"last\"");
        if (listed.isEmpty()) {
            throw fields.fault(field, "at least one position", "none");
        }
        return Positions.of(numbers(listed));
    }

    private static Operation operation(Fields fields) {
        String name = fields.text("op", fields.require("op", "an operation, for example \"zero\""));
        for (var operation : Operation.values()) {
            if (operation.name().toLowerCase(Locale.ROOT).equals(name)) {
                return operation;
            }
        }
        throw fields.fault(
                "op",
                "one of zero, scale, add, replace, interpolate, project_out, project_swap, knockout, uniform",
                "'" + name + "'");
    }

    private static List<Integer> oneOrMore(Fields fields, String field, Json value) {
        if (value instanceof Json.Numeral) {
            return List.of(fields.integer(field, value, "an integer or a list of integers"));
        }
        var listed = fields.integers(field, value, "an integer or a list of integers");
        if (listed.isEmpty()) {
            throw fields.fault(field, "at least one", "none");
        }
        return listed;
    }

    private static int[] numbers(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
