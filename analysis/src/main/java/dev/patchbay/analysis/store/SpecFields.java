package dev.patchbay.analysis.store;

import dev.patchbay.analysis.io.Digest;
import dev.patchbay.analysis.metric.Metric;
import dev.patchbay.analysis.sweep.Axis;
import dev.patchbay.analysis.sweep.HeadSet;
import dev.patchbay.analysis.sweep.Method;
import dev.patchbay.analysis.sweep.Reference;
import dev.patchbay.analysis.sweep.SweepSpec;
import dev.patchbay.model.program.Edit.Basis;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.Site;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A sweep as named texts; whatever is long goes in as its digest. */
final class SpecFields {
    private SpecFields() {}

    static Map<String, String> of(SweepSpec spec) {
        var fields = new TreeMap<String, String>();
        fields.put("site", joined(spec.sites().stream().map(Site::label).toList()));
        fields.put("by", joined(spec.axes().stream().map(Axis::label).toList()));
        fields.put("layers", layers(spec.layers()));
        fields.put("heads", joined(spec.heads().stream().map(HeadSet::name).toList()));
        fields.put("sets", spec.sets().stream().map(HeadSet::label).collect(Collectors.joining(";")));
        fields.put("positions", positions(spec.positions()));
        fields.put("spans", joined(spec.spans()));
        fields.put("direction", spec.direction().label());
        fields.put("direct", Boolean.toString(spec.direct()));
        fields.put("no_skip", Boolean.toString(spec.noSkip()));
        fields.put("mix_templates", Boolean.toString(spec.mixTemplates()));
        fields.put("seed", Long.toString(spec.seed()));
        metric(spec.metric(), fields);
        method(spec.method(), fields);
        return fields;
    }

    private static void metric(Metric metric, Map<String, String> fields) {
        fields.put("metric", metric.id());
        if (metric instanceof Metric.Dot(String _, float[] vector)) {
            fields.put("metric_vector", digest(vector));
        }
    }

    private static void method(Method method, Map<String, String> fields) {
        fields.put("method", method.label());
        fields.put("reference", method.reference().map(Reference::label).orElse("none"));
        method.reference().ifPresent(reference -> {
            if (reference instanceof Reference.Other(String _, var pairs)) {
                fields.put("reference", "file");
                fields.put("reference_digest", pairs.digest());
            }
        });
        switch (method) {
            case Method.Patch _, Method.Zero _, Method.MeanByPosition _ -> {}
            case Method.Mean mean -> fields.put("mean_skip_first", Boolean.toString(mean.skipFirst()));
            case Method.Resample resample -> fields.put("draws", Integer.toString(resample.draws()));
            case Method.Scale(float factor) -> fields.put("factor", Float.toString(factor));
            case Method.Add(float factor, Source value) -> {
                fields.put("factor", Float.toString(factor));
                fields.put("value", value(value));
            }
            case Method.ProjectOut(Basis basis) -> fields.put("basis", basis(basis));
        }
    }

    private static String value(Source source) {
        return switch (source) {
            case Source.Constant(float value) -> Float.toString(value);
            case Source.Vector(List<Float> values) -> digest(values);
            case Source.Named(String name) -> name;
            case Source.Run(String name) -> name;
            case Source.Mean(String reference) -> reference;
        };
    }

    private static String basis(Basis basis) {
        return switch (basis) {
            case Basis.Rows(List<List<Float>> rows) ->
                rows.size() + " rows "
                        + digest(rows.stream().flatMap(List::stream).toList());
            case Basis.Named(String name) -> name;
        };
    }

    private static String layers(Selection selection) {
        return switch (selection) {
            case Selection.All _ -> "all";
            case Selection.Of(List<Integer> numbers) -> joined(numbers);
        };
    }

    private static String positions(Positions positions) {
        return switch (positions) {
            case Positions.Every _ -> "all";
            case Positions.End _ -> "END";
            case Positions.Prompt _ -> "prompt";
            case Positions.Generated _ -> "generated";
            case Positions.Last _ -> "last";
            case Positions.Listed(List<Integer> listed) -> joined(listed);
            case Positions.Span(String name) -> "span " + name;
        };
    }

    private static String joined(List<?> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static String digest(List<Float> values) {
        var floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return digest(floats);
    }

    private static String digest(float[] values) {
        var bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return Digest.of(bytes.array());
    }
}
