package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Device;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Edit.Basis;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every operation of an edit against the same change made in Java, in double, between a stop and a resumption. */
class EditOperationsTest {
    private static final int LENGTH = 11;
    private static final int LAYER = 1;
    private static final Architecture ARCHITECTURE = RandomTensors.llamaLike(3);
    private static final int[] TOKENS = new Random(1).ints(LENGTH, 0, 61).toArray();
    private static final int[] OTHER = new Random(2).ints(LENGTH, 0, 61).toArray();
    private static Device device;
    private static Model model;

    @BeforeAll
    static void open() {
        device = Runs.cpu();
        var tensors = new RandomTensors(ARCHITECTURE);
        model = Model.load(device, ARCHITECTURE, tensors.map(), tensors);
    }

    @AfterAll
    static void close() {
        model.close();
        device.close();
    }

    /** A change of one element group: x and v are one head's (or the whole width's) elements at one position. */
    private interface Change {
        double[] apply(double[] x, double[] v);
    }

    private static void check(Edit edit, int position, int head, Change change) {
        var point = new SitePoint(edit.site(), LAYER);
        var request = RunRequest.of(List.of(Row.of(TOKENS)), Logits.ALL);
        int width = edit.site().width(ARCHITECTURE, LAYER);
        int headWidth = width / edit.site().heads(ARCHITECTURE);
        try (var source = Runs.capture(model, List.of(Row.of(OTHER)), point);
                var paused = model.runUntil(point, request)) {
            float[] x = paused.value();
            float[] v = source.capture(point).toFloats();
            int begin = position * width + head * headWidth;
            double[] changed = change.apply(slice(x, begin, headWidth), slice(v, begin, headWidth));
            double largest = 0;
            for (int i = 0; i < headWidth; i++) {
                largest = Math.max(largest, Math.abs(changed[i] - x[begin + i]));
                x[begin + i] = (float) changed[i];
            }
            try (var expected = paused.resume(x);
                    var run = model.run(request.with(Program.edits(edit), Runs.bind(source)))) {
                float[] reference = expected.logits().toFloats();
                float[] found = run.logits().toFloats();
                double scale = 0;
                for (float logit : reference) {
                    scale = Math.max(scale, Math.abs(logit));
                }
                for (int i = 0; i < reference.length; i++) {
                    assertEquals(reference[i], found[i], 2e-5 * scale, "logit " + i);
                }
                assertEquals(largest, run.reports().getFirst().largestChange(), 1e-5 * Math.max(1, largest));
                assertEquals(1, run.reports().getFirst().fired());
            }
        }
    }

    private static double[] slice(float[] values, int begin, int length) {
        double[] slice = new double[length];
        for (int i = 0; i < length; i++) {
            slice[i] = values[begin + i];
        }
        return slice;
    }

    private static double[] map(double[] x, double[] v, java.util.function.DoubleBinaryOperator operator) {
        double[] result = new double[x.length];
        Arrays.setAll(result, i -> operator.applyAsDouble(x[i], v[i]));
        return result;
    }

    private static final Source RUN = new Source.Run("other");

    @Test
    void everyElementwiseOperationOnOneHead() {
        var at = List.of(Site.Z, Site.Q, Site.ROT_Q);
        for (Site site : at) {
            check(edit(site, 3, 2).zero(), 3, 2, (x, _) -> new double[x.length]);
            check(edit(site, 3, 2).scale(-1.5f), 3, 2, (x, v) -> map(x, v, (a, _) -> -1.5 * a));
            check(edit(site, 3, 2).replace(RUN), 3, 2, (_, v) -> v);
            check(edit(site, 3, 2).add(0.5f, RUN), 3, 2, (x, v) -> map(x, v, (a, b) -> a + 0.5 * b));
            check(edit(site, 3, 2).interpolate(0.25f, RUN), 3, 2, (x, v) -> map(x, v, (a, b) -> a + 0.25 * (b - a)));
            check(edit(site, 3, 2).replace(new Source.Constant(0.7f)), 3, 2, (x, v) -> map(x, v, (_, _) -> 0.7f));
            check(edit(site, 3, 2).add(2, new Source.Constant(0.5f)), 3, 2, (x, v) -> map(x, v, (a, _) -> a + 1));
        }
        check(edit(Site.K, 4, 1).zero(), 4, 1, (x, _) -> new double[x.length]);
        check(edit(Site.V, 4, 1).replace(RUN), 4, 1, (_, v) -> v);
    }

    @Test
    void everySiteOfTheResidualStreamAndTheMlp() {
        for (Site site : List.of(
                Site.RESID_PRE,
                Site.LN1_NORMALIZED,
                Site.ATTN_OUT,
                Site.RESID_MID,
                Site.LN2_NORMALIZED,
                Site.MLP_PRE,
                Site.MLP_PRE_LINEAR,
                Site.MLP_POST,
                Site.MLP_OUT,
                Site.RESID_POST)) {
            check(edit(site, 5).replace(RUN), 5, 0, (_, v) -> v);
        }
    }

    @Test
    void projectionsUseTheOrthonormalisedBasis() {
        var basis = new ArrayList<List<Float>>();
        var random = new Random(5);
        for (int k = 0; k < 3; k++) {
            basis.add(random.doubles(40, -1, 1)
                    .mapToObj(element -> (float) element)
                    .toList());
        }
        double[][] unit = gramSchmidt(basis);
        check(edit(Site.RESID_PRE, 2).projectOut(new Basis.Rows(basis)), 2, 0, (x, _) -> {
            double[] rest = x.clone();
            for (double[] direction : unit) {
                add(rest, direction, -dot(x, direction));
            }
            return rest;
        });
        check(edit(Site.RESID_PRE, 2).projectSwap(new Basis.Rows(basis), RUN), 2, 0, (x, v) -> {
            double[] swapped = x.clone();
            for (double[] direction : unit) {
                add(swapped, direction, dot(v, direction) - dot(x, direction));
            }
            return swapped;
        });
    }

    private static double[][] gramSchmidt(List<List<Float>> rows) {
        double[][] unit = new double[rows.size()][];
        for (int k = 0; k < unit.length; k++) {
            unit[k] = rows.get(k).stream().mapToDouble(Float::doubleValue).toArray();
            for (int earlier = 0; earlier < k; earlier++) {
                add(unit[k], unit[earlier], -dot(unit[k], unit[earlier]));
            }
            double norm = Math.sqrt(dot(unit[k], unit[k]));
            for (int i = 0; i < unit[k].length; i++) {
                unit[k][i] /= norm;
            }
        }
        return unit;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void add(double[] a, double[] b, double factor) {
        for (int i = 0; i < a.length; i++) {
            a[i] += factor * b[i];
        }
    }

    @Test
    void unitsAndVectorsReachTheirElementsOnly() {
        var vector = new Source.Vector(List.of(1f, 2f, 3f));
        check(edit(Site.Z, 6, 3).units(1, 2, 9).replace(vector), 6, 3, (x, _) -> {
            double[] changed = x.clone();
            changed[1] = 1;
            changed[2] = 2;
            changed[9] = 3;
            return changed;
        });
    }

    @Test
    void editsOfOnePlaceActInTheirOrder() {
        var point = new SitePoint(Site.Z, LAYER);
        var program = Program.edits(
                Edit.at(Site.Z).layers(LAYER).replace(new Source.Constant(2)),
                Edit.at(Site.Z).layers(LAYER).heads(1).add(1, RUN),
                Edit.at(Site.Z).layers(LAYER).scale(3));
        try (var source = Runs.capture(model, List.of(Row.of(OTHER)), point);
                var run = model.run(RunRequest.of(List.of(Row.of(TOKENS)), Logits.NONE)
                        .with(
                                new Program(program.edits(), List.of(new dev.patchbay.model.program.Capture(point))),
                                Runs.bind(source)))) {
            float[] values = run.capture(point).toFloats();
            float[] other = source.capture(point).toFloats();
            for (int i = 0; i < values.length; i++) {
                boolean headOne = i % 64 / 16 == 1;
                assertEquals(headOne ? 3 * (2 + other[i]) : 6, values[i], 1e-5);
            }
        }
    }

    @Test
    void positionsAreCountedFromTheEndAndNamedBySpans() {
        var row = Row.of(TOKENS).withSpans(Map.of("S", List.of(2, 4)));
        var point = new SitePoint(Site.Z, LAYER);
        for (var chosen : Map.of(
                        Positions.of(-1),
                        List.of(LENGTH - 1),
                        Positions.END,
                        List.of(LENGTH - 1),
                        new Positions.Span("S"),
                        List.of(2, 4),
                        Positions.of(0, -2),
                        List.of(0, LENGTH - 2))
                .entrySet()) {
            var edit = Edit.at(Site.Z).layers(LAYER).positions(chosen.getKey()).replace(new Source.Constant(9));
            var program = new Program(List.of(edit), List.of(new dev.patchbay.model.program.Capture(point)));
            try (var run = model.run(RunRequest.of(List.of(row), Logits.NONE).with(program, Bindings.NONE))) {
                float[] values = run.capture(point).toFloats();
                for (int position = 0; position < LENGTH; position++) {
                    assertEquals(chosen.getValue().contains(position), values[position * 64] == 9);
                }
            }
        }
    }

    @Test
    void knockedOutMassGoesToTheOtherKeysAndZeroedMassIsLost() {
        var pattern = new SitePoint(Site.PATTERN, LAYER);
        float[] plain = pattern(Program.EMPTY.edits());
        float[] knocked = pattern(List.of(Edit.at(Site.ATTN_SCORES)
                .layers(LAYER)
                .heads(2)
                .positions(Positions.of(5))
                .keys(Positions.of(1, 2))
                .knockout()));
        float[] zeroed = pattern(List.of(Edit.at(Site.PATTERN)
                .layers(LAYER)
                .heads(2)
                .positions(Positions.of(5))
                .keys(Positions.of(1, 2))
                .zero()));
        float[] uniform = pattern(List.of(Edit.at(Site.PATTERN)
                .layers(LAYER)
                .heads(2)
                .positions(Positions.of(5))
                .uniform()));
        int begin = (2 * LENGTH + 5) * LENGTH;
        double rest = 1 - plain[begin + 1] - plain[begin + 2];
        for (int key = 0; key <= 5; key++) {
            boolean gone = key == 1 || key == 2;
            assertEquals(gone ? 0 : plain[begin + key] / rest, knocked[begin + key], 1e-6);
            assertEquals(gone ? 0 : plain[begin + key], zeroed[begin + key]);
            assertEquals(1 / 6f, uniform[begin + key], 1e-7);
        }
        assertTrue(pattern.site().traits().keys());
        for (int i = 0; i < plain.length; i++) {
            if (i < begin || i >= begin + LENGTH) {
                assertEquals(plain[i], knocked[i]);
            }
        }
    }

    private static float[] pattern(List<Edit> edits) {
        var point = new SitePoint(Site.PATTERN, LAYER);
        var program = new Program(edits, List.of(new dev.patchbay.model.program.Capture(point)));
        try (var run =
                model.run(RunRequest.of(List.of(Row.of(TOKENS)), Logits.NONE).with(program, Bindings.NONE))) {
            return run.capture(point).toFloats();
        }
    }

    private static dev.patchbay.model.program.EditBuilder edit(Site site, int position, int head) {
        return edit(site, position).heads(head);
    }

    private static dev.patchbay.model.program.EditBuilder edit(Site site, int position) {
        return Edit.at(site).layers(LAYER).positions(Positions.of(position));
    }
}
