package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.KeyWeight;
import dev.patchbay.model.program.Keys;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.program.Statistic;
import dev.patchbay.model.program.Statistic.Measure;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Statistics of a run against the pattern, scores and results that it captures. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.patchbay.model.run.Runs#devices")
class StatisticsTest {
    private static final Path FAMILIES = Path.of("src/test/resources/golden/families");
    private static final int[][] PROMPTS = {{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9}, {2, 7, 1, 8, 2, 8, 1}};
    private static final double TOLERANCE = 2e-5;

    @Parameter
    private String device = "";

    static List<String> families() throws java.io.IOException {
        return GoldenFamiliesTest.names();
    }

    private static List<Row> rows() {
        return Arrays.stream(PROMPTS).map(Row::of).toList();
    }

    private static List<Statistic> statistics() {
        var codes = Arrays.stream(PROMPTS)
                .map(prompt ->
                        IntStream.range(0, prompt.length).mapToObj(i -> i / 3).toList())
                .toList();
        var lists = Arrays.stream(PROMPTS)
                .map(prompt -> IntStream.range(0, prompt.length)
                        .mapToObj(i -> List.of(i / 2, 0))
                        .toList())
                .toList();
        var ends = new Keys.At(Positions.END, true);
        return List.of(
                new Statistic("lse", new Measure.LogSumExp()),
                new Statistic("entropy", new Measure.Entropy()),
                new Statistic("top", new Measure.TopTwo()),
                new Statistic("top duplicates", new Measure.TopTwo(Optional.of(new Keys.SameToken(0, false)))),
                new Statistic("previous", new Measure.Mass(new Keys.Offset(1))),
                new Statistic("duplicate", new Measure.Mass(new Keys.SameToken(0, false))),
                new Statistic("induction", new Measure.Mass(new Keys.SameToken(1, true))),
                new Statistic("word", new Measure.Mass(new Keys.SameCode(codes, codes, true))),
                new Statistic("listed", new Measure.Mass(new Keys.Listed(lists, true))),
                new Statistic("end", new Measure.Mass(ends), Selection.of(0), Selection.of(1)),
                new Statistic("others", new Measure.Mass(new Keys.Range(0, Integer.MAX_VALUE, false))),
                new Statistic("along", new Measure.WeightedMass(Keys.ALL, new KeyWeight.Along("f#u"))),
                new Statistic("received", new Measure.Received()));
    }

    private static Bindings direction(Model model) {
        var random = new Random(3);
        float[] values = new float[model.architecture().modelWidth()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return new Bindings() {
            @Override
            public NamedTensor tensor(String name) {
                return new NamedTensor(1, values.length, values);
            }
        };
    }

    @ParameterizedTest
    @MethodSource("families")
    void everyStatisticIsThatOfTheCapturedPattern(String name) {
        try (var opened = Runs.open(device);
                var folder = ModelFolder.open(FAMILIES.resolve(name));
                var model = Model.load(opened, folder)) {
            var captures = new ArrayList<Capture>();
            for (int layer = 0; layer < model.architecture().layers(); layer++) {
                for (Site site : List.of(Site.ATTN_SCORES, Site.PATTERN, Site.RESULT)) {
                    captures.add(new Capture(new SitePoint(site, layer)));
                }
            }
            var bindings = direction(model);
            var program = Program.captures(captures).measuring(statistics());
            try (var run = model.run(RunRequest.of(rows(), Logits.NONE).with(program, bindings))) {
                for (int layer = 0; layer < model.architecture().layers(); layer++) {
                    new Layer(model, run, layer, bindings.tensor("f#u").values()).check();
                }
            }
        }
    }

    /** One layer's captures and statistics. */
    private record Layer(Model model, Run run, int layer, float[] direction) {
        void check() {
            var pattern = run.capture(new SitePoint(Site.PATTERN, layer));
            var scores = run.capture(new SitePoint(Site.ATTN_SCORES, layer));
            var result = run.capture(new SitePoint(Site.RESULT, layer));
            float[] patterns = pattern.toFloats();
            float[] allScores = scores.toFloats();
            float[] results = result.toFloats();
            int width = model.architecture().modelWidth();
            int heads = model.architecture().heads();
            for (int row = 0; row < PROMPTS.length; row++) {
                int length = PROMPTS[row].length;
                for (int head = 0; head < heads; head++) {
                    double[] received = new double[length];
                    for (int query = 0; query < length; query++) {
                        int at = Math.toIntExact(pattern.index(row, query, head));
                        float[] p = Arrays.copyOfRange(patterns, at, at + query + 1);
                        for (int key = 0; key <= query; key++) {
                            received[key] += p[key];
                        }
                        query(row, head, query, p, Arrays.copyOfRange(allScores, at, at + query + 1));
                        double along = 0;
                        for (int i = 0; i < width; i++) {
                            long line = result.index(row, query) * heads + head;
                            along += (double) results[Math.toIntExact(line * width + i)] * direction[i];
                        }
                        close("along", row, head, query, along);
                    }
                    for (int key = 0; key < length; key++) {
                        close("received", row, head, key, received[key]);
                    }
                }
            }
        }

        private void query(int row, int head, int query, float[] p, float[] scores) {
            int[] tokens = PROMPTS[row];
            double sum = 0;
            double entropy = 0;
            for (int key = 0; key <= query; key++) {
                sum += Math.exp(scores[key]);
                entropy -= p[key] == 0 ? 0 : p[key] * Math.log(p[key]);
            }
            if (!model.architecture().attention().get(layer).sinks()) {
                close("lse", row, head, query, Math.log(sum));
            }
            close("entropy", row, head, query, entropy);
            top("top", row, head, query, p, _ -> true);
            top("top duplicates", row, head, query, p, key -> key != query && tokens[key] == tokens[query]);
            mass("previous", row, head, query, p, key -> key == query - 1);
            mass("duplicate", row, head, query, p, key -> key != query && tokens[key] == tokens[query]);
            mass("induction", row, head, query, p, key -> key > 0 && tokens[key - 1] == tokens[query]);
            mass("word", row, head, query, p, key -> key / 3 == query / 3);
            mass("listed", row, head, query, p, key -> key == query / 2 || key == 0);
            mass("others", row, head, query, p, key -> key != query);
            if (layer == 0 && head == 1) {
                mass("end", row, head, query, p, key -> key == tokens.length - 1);
            }
        }

        private void mass(String name, int row, int head, int query, float[] p, IntPredicate keys) {
            close(
                    name,
                    row,
                    head,
                    query,
                    IntStream.rangeClosed(0, query)
                            .filter(keys)
                            .mapToDouble(key -> p[key])
                            .sum());
        }

        private void top(String name, int row, int head, int query, float[] p, IntPredicate keys) {
            Measured measured = run.statistic(name);
            int[] order = IntStream.rangeClosed(0, query)
                    .filter(key -> keys.test(key) && isVisible(query, key))
                    .boxed()
                    .sorted((a, b) -> Float.compare(p[b], p[a]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int place = 0; place < 2; place++) {
                int want = place < order.length ? order[place] : -1;
                int key = measured.keyAt(row, layer, head, query, place);
                if (want >= 0 && key < 0) {
                    assertEquals(0, p[want], name);
                    continue;
                }
                assertEquals(want, key, name + " " + place + " at " + row + "." + query + ", " + layer + "." + head);
                assertEquals(want < 0 ? 0 : p[want], measured.at(row, layer, head, query, place));
            }
        }

        private boolean isVisible(int query, int key) {
            int window = model.architecture().attention().get(layer).window();
            return window == 0 || key > query - window;
        }

        private void close(String name, int row, int head, int position, double want) {
            double found = run.statistic(name).at(row, layer, head, position);
            assertTrue(
                    Math.abs(found - want) <= TOLERANCE * Math.max(1, Math.abs(want)),
                    () -> "%s of row %d, head %d.%d, position %d: %s, expected %s"
                            .formatted(name, row, layer, head, position, found, want));
        }
    }

    /** Grouped queries; short rows that share a base; the bits of the whole run. */
    @Test
    void statisticsOverABaseAreThoseOfTheWholeRun() {
        var tensors = new RandomTensors(RandomTensors.llamaLike(2));
        var wanted = List.of(
                new Statistic("previous", new Measure.Mass(new Keys.Offset(1))),
                new Statistic("sum", new Measure.WeightedMass(Keys.ALL, new KeyWeight.ByPosition(positions(15)))),
                new Statistic("along", new Measure.WeightedMass(Keys.ALL, new KeyWeight.Along("f#u"))),
                new Statistic("entropy", new Measure.Entropy()),
                new Statistic("top", new Measure.TopTwo()));
        try (var opened = Runs.open(device);
                var model = Runs.load(opened, RandomTensors.llamaLike(2), tensors.map(), tensors)) {
            var program = Program.statistics(wanted);
            var bindings = direction(model);
            try (var whole = model.run(RunRequest.of(rows(), Logits.NONE)
                            .with(program, bindings)
                            .keeping());
                    var base = whole.keyValues()) {
                var later = new ArrayList<Row>();
                for (int start : new int[] {14, 11, 14, 4, 14, 14}) {
                    later.add(Row.of(PROMPTS[0]).from(start, 0));
                }
                try (var run = model.run(RunRequest.of(later, Logits.NONE)
                        .with(program, bindings)
                        .over(base))) {
                    for (Statistic statistic : wanted) {
                        for (int row = 0; row < later.size(); row++) {
                            for (int position = later.get(row).start(); position < 15; position++) {
                                assertEquals(
                                        whole.statistic(statistic.name()).at(0, 1, 3, position),
                                        run.statistic(statistic.name()).at(row, 1, 3, position),
                                        statistic.name());
                            }
                        }
                    }
                }
            }
        }
    }

    private static List<Float> positions(int count) {
        return IntStream.range(0, count).mapToObj(i -> (float) i).toList();
    }

    /** Statistics see the edited pattern; places that were not measured are refused. */
    @Test
    void editsOfThePatternAreSeen() {
        var tensors = new RandomTensors(RandomTensors.llamaLike(2));
        var statistic = new Statistic("self", new Measure.Mass(new Keys.Offset(0)), Selection.of(1), Selection.of(2));
        var program = Program.edits(Edit.at(Site.PATTERN).layers(1).heads(2).uniform())
                .measuring(List.of(statistic));
        try (var opened = Runs.open(device);
                var model = Runs.load(opened, RandomTensors.llamaLike(2), tensors.map(), tensors);
                var run = model.run(RunRequest.of(rows(), Logits.NONE).with(program, Bindings.NONE))) {
            var self = run.statistic("self");
            assertEquals(List.of(1), self.layers());
            assertEquals(List.of(2), self.heads());
            assertEquals(1f / 7, self.at(1, 1, 2, 6));
            assertThrows(IllegalArgumentException.class, () -> self.at(1, 0, 2, 6));
            assertThrows(IllegalArgumentException.class, () -> self.at(1, 1, 1, 6));
            assertThrows(IllegalArgumentException.class, () -> self.at(1, 1, 2, 7));
            assertThrows(IllegalArgumentException.class, () -> self.keyAt(1, 1, 2, 6, 0));
            assertThrows(IllegalStateException.class, () -> run.statistic("other"));
        }
    }

    /** Whole rows of the pattern, of chosen queries only. */
    @Test
    void patternRowsOfChosenQueries() {
        var tensors = new RandomTensors(RandomTensors.llamaLike(2));
        var point = new SitePoint(Site.PATTERN, 1);
        try (var opened = Runs.open(device);
                var model = Runs.load(opened, RandomTensors.llamaLike(2), tensors.map(), tensors);
                var all = Runs.capture(model, rows(), point);
                var some = model.run(RunRequest.of(rows(), Logits.NONE)
                        .with(
                                Program.captures(List.of(new Capture(point, Positions.of(-1, 2), Selection.ALL))),
                                Bindings.NONE))) {
            float[] pattern = all.capture(point).toFloats();
            float[] chosen = some.capture(point).toFloats();
            assertEquals(4 * 2 * (15 + 7), chosen.length);
            for (int row = 0; row < 2; row++) {
                for (int query : new int[] {2, PROMPTS[row].length - 1}) {
                    long want = all.capture(point).index(row, query, 3);
                    long found = some.capture(point).index(row, query, 3);
                    for (int key = 0; key < PROMPTS[row].length; key++) {
                        assertEquals(pattern[(int) want + key], chosen[(int) found + key]);
                    }
                }
                assertEquals(-1, some.capture(point).index(row, 1, 0));
            }
        }
    }

    @Test
    void whatCannotBeMeasuredIsSaidBeforeAnythingRuns() {
        var tensors = new RandomTensors(RandomTensors.llamaLike(2));
        try (var opened = Runs.open(device);
                var model = Runs.load(opened, RandomTensors.llamaLike(2), tensors.map(), tensors)) {
            var entropy = new Measure.Entropy();
            refused(
                    model,
                    List.of(new Statistic("x", entropy, Selection.of(2), Selection.ALL)),
                    "'x'",
                    "layer 2",
                    "0 to 1");
            refused(model, List.of(new Statistic("x", entropy, Selection.ALL, Selection.of(4))), "head 4", "0 to 3");
            refused(model, List.of(new Statistic("x", entropy), new Statistic("x", entropy)), "twice");
            refused(model, mass(new Keys.Sink()), "no attention sink");
            refused(model, mass(new Keys.Range(3, 3, true)), "3 to 3");
            refused(model, mass(new Keys.Offset(-1)), "-1");
            refused(model, mass(new Keys.At(Positions.GENERATED, true)), "matches no key");
            refused(model, mass(new Keys.At(new Positions.Span("IO"), true)), "no span 'IO'");
            refused(model, mass(new Keys.SameCode(List.of(List.of(1)), List.of(), true)), "1 rows", "2");
            refused(
                    model,
                    mass(new Keys.SameCode(List.of(List.of(1), List.of(1)), List.of(), true)),
                    "1 key codes for row 0",
                    "15");
            var ahead = new ArrayList<List<List<Integer>>>();
            for (int[] prompt : PROMPTS) {
                ahead.add(java.util.Collections.nCopies(prompt.length, List.of(1)));
            }
            refused(model, mass(new Keys.Listed(ahead, true)), "key 1", "query 0 of row 0");
            refused(
                    model,
                    List.of(new Statistic("x", new Measure.WeightedMass(Keys.ALL, new KeyWeight.Along("f#u")))),
                    "f#u");
            refused(
                    model,
                    List.of(new Statistic(
                            "x", new Measure.WeightedMass(Keys.ALL, new KeyWeight.ByPosition(positions(9))))),
                    "9 weights",
                    "15 positions");
            refused(
                    model,
                    IntStream.range(0, 9)
                            .mapToObj(i -> mass("m" + i, new Keys.Offset(i)))
                            .toList(),
                    "9 different");
            refused(
                    model,
                    IntStream.range(0, 5)
                            .mapToObj(i -> new Statistic(
                                    "w" + i,
                                    new Measure.WeightedMass(Keys.ALL, new KeyWeight.ByPosition(positions(15 + i)))))
                            .toList(),
                    "5 different weights");
            refused(
                    model,
                    List.of(
                            new Statistic("a", new Measure.TopTwo(Optional.of(new Keys.Offset(1)))),
                            new Statistic("b", new Measure.TopTwo(Optional.of(new Keys.Offset(2))))),
                    "2 different");
            var generator = new Generator(model, Generator.Options.greedy(2));
            assertThrows(
                    InputException.class,
                    () -> generator.generate(
                            List.of(PROMPTS[0]), List.of(Map.of()), Program.statistics(mass(Keys.ALL)), Bindings.NONE));
        }
    }

    private static List<Statistic> mass(Keys keys) {
        return List.of(mass("x", keys));
    }

    private static Statistic mass(String name, Keys keys) {
        return new Statistic(name, new Measure.Mass(keys));
    }

    private static void refused(Model model, List<Statistic> statistics, String... words) {
        var request = RunRequest.of(rows(), Logits.NONE).with(Program.statistics(statistics), Bindings.NONE);
        var message = String.valueOf(
                assertThrows(InputException.class, () -> model.run(request)).getMessage());
        for (String word : words) {
            assertTrue(message.contains(word) && !message.contains("\n"), message);
        }
    }
}
