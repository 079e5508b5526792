package dev.patchbay.analysis.io;

import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.program.Edit.Operation;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.run.Bindings.NamedTensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what an edit writes: {@code value}, {@code factor} and {@code basis}, as its operation needs them. */
final class EditValueReader {
    private static final String SOURCES = "a number, a list of numbers, \"FILE#name\", {\"run\": …} or {\"mean\": …}";

    private final Fields fields;
    private final Operation operation;
    private final Map<String, NamedTensor> tensors;
    private final Path folder;

    EditValueReader(Fields fields, Operation operation, Map<String, NamedTensor> tensors, Path folder) {
        this.fields = fields;
        this.operation = operation;
        this.tensors = tensors;
        this.folder = folder;
        boolean scales = operation == Operation.SCALE;
        if (!operation.needsSource() && !scales && fields.find("value").isPresent()) {
            throw fields.fault("value", "none for this operation", "one");
        }
        boolean takesFactor = operation == Operation.INTERPOLATE || operation == Operation.ADD;
        if (!takesFactor && fields.find("factor").isPresent()) {
            throw fields.fault("factor", "none for this operation", "one");
        }
        if (!operation.needsBasis() && fields.find("basis").isPresent()) {
            throw fields.fault("basis", "none for this operation", "one");
        }
    }

    /** What the operation multiplies by. */
    float factor() {
        return switch (operation) {
            case SCALE -> number("value", fields.require("value", "the factor"));
            case INTERPOLATE -> number("factor", fields.require("factor", "a number, 1 for all of the value"));
            case ADD ->
                fields.find("factor").map(value -> number("factor", value)).orElse(1f);
            default -> 1f;
        };
    }

    /** Where the value comes from. */
    Source source() {
        if (!operation.needsSource()) {
            return Source.NONE;
        }
        return switch (fields.require("value", SOURCES)) {
            case Json.Numeral number -> new Source.Constant(number("value", number));
            case Json.Array(List<Json> values) ->
                new Source.Vector(
                        values.stream().map(value -> number("value", value)).toList());
            case Json.Text(String name) -> new Source.Named(named("value", name));
            case Json.Members object -> symbolic(object);
            case Json other -> throw fields.fault("value", SOURCES, other.kind());
        };
    }

    private Source symbolic(Json.Members object) {
        var inner = Fields.of(object, fields.where() + ": field 'value'", List.of("run", "mean"));
        var run = inner.find("run");
        var mean = inner.find("mean");
        if (run.isPresent() == mean.isPresent()) {
            throw fields.fault("value", "one of {\"run\": …} and {\"mean\": …}", run.isPresent() ? "both" : "none");
        }
        return run.<Source>map(name -> new Source.Run(inner.text("run", name)))
                .orElseGet(() -> new Source.Mean(inner.text("mean", mean.orElseThrow())));
    }

    /** The name of the basis, whose tensor is read. */
    Optional<String> basis() {
        if (!operation.needsBasis()) {
            return Optional.empty();
        }
        return Optional.of(named(
                "basis", fields.text("basis", fields.require("basis", "\"FILE#name\" of a tensor [k, d] or [d]"))));
    }

    private String named(String field, String name) {
        try {
            tensors.computeIfAbsent(name, each -> NamedTensors.read(each, folder));
        } catch (dev.patchbay.model.InputException refused) {
            throw new dev.patchbay.model.InputException(
                    fields.where() + ": field '" + field + "': " + refused.getMessage(), refused);
        }
        return name;
    }

    private float number(String field, Json value) {
        float number = (float) fields.number(field, value);
        if (!Float.isFinite(number)) {
            throw fields.fault(field, "a number within float32", value.kind());
        }
        return number;
    }
}
