package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.metric.Metric;
import dev.patchbay.analysis.metric.Reads;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.program.Edit.Basis;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Methods and metrics that no golden file covers, each against another way to the same number. */
class MethodsTest {
    private static Device device;
    private static GoldenCase golden;

    @BeforeAll
    static void open() {
        device = Devices.open(DeviceOptions.of("cpu"));
        golden = GoldenCase.open("llama_a", device);
    }

    @AfterAll
    static void close() {
        golden.close();
        device.close();
    }

    private static Effects run(SweepSpecBuilder spec, PromptPairs pairs) {
        var grid = Grid.of(spec.build(), golden.model().architecture(), pairs);
        return new SweepRunner(golden.model(), grid).run(SweepProgress.SILENT).effects();
    }

    private static SweepSpecBuilder heads(Method method) {
        return SweepSpec.at(Site.Z).by(Axis.LAYER, Axis.HEAD).method(method);
    }

    @Test
    void resamplingOfTwoPromptsSwapsThem() {
        var two = PromptPairs.of(golden.pairs().pairs().subList(0, 2));
        var swapped = new ArrayList<PromptPair>();
        for (int i = 0; i < 2; i++) {
            var pair = two.pairs().get(i);
            swapped.add(new PromptPair(
                    pair.id(),
                    pair.template(),
                    pair.clean(),
                    Optional.of(two.pairs().get(1 - i).clean()),
                    pair.answers(),
                    pair.wrongs(),
                    true));
        }
        double[] resampled =
                run(heads(new Method.Resample(new Reference.Clean(), 3)), two).patched();
        double[] patched = run(heads(new Method.Patch()).direction(Direction.NOISE), PromptPairs.of(swapped))
                .patched();
        // Three equal draws, summed and divided.
        assertArrayEquals(patched, resampled, 1e-12);
        var foreign = new Method.Resample(new Reference.Other("f", PromptPairs.of(swapped.subList(1, 2))), 1);
        double[] fromFile = run(heads(foreign), two).patched();
        assertArrayEquals(
                Arrays.copyOf(patched, 16), Arrays.copyOf(fromFile, 16), "pair 0 takes the only prompt of the file");
    }

    @Test
    void permutationsHaveNoFixedPointsAndFollowTheSeed() {
        for (int count = 2; count < 12; count++) {
            int[] order = Permutations.derangement(count, new SplittableRandom(count));
            for (int i = 0; i < count; i++) {
                assertNotEquals(i, order[i]);
            }
            assertArrayEquals(order, Permutations.derangement(count, new SplittableRandom(count)));
            assertEquals(count, Arrays.stream(order).distinct().count());
        }
    }

    @Test
    void scalingByZeroIsZeroAblationAndByOneNothing() {
        double[] zero = run(heads(new Method.Zero()), golden.pairs()).patched();
        assertArrayEquals(zero, run(heads(new Method.Scale(0)), golden.pairs()).patched());
        for (double delta : run(heads(new Method.Scale(1)), golden.pairs()).delta()) {
            assertEquals(0, delta);
        }
    }

    @Test
    void addingAndProjectingActOnTheNamedPlace() {
        var axis = new ArrayList<Float>(java.util.Collections.nCopies(16, 0f));
        axis.set(3, 2f);
        var removed = run(heads(new Method.ProjectOut(new Basis.Rows(List.of(axis)))), golden.pairs());
        var unit = run(
                SweepSpec.at(Site.Z).by(Axis.LAYER, Axis.HEAD, Axis.UNIT).method(new Method.Zero()), golden.pairs());
        for (int cell = 0; cell < 16; cell++) {
            assertEquals(unit.delta()[cell * 16 + 3], removed.delta()[cell], 1e-5);
        }
        var constant = run(heads(new Method.Add(1, new Source.Constant(0.5f))), golden.pairs());
        var vector = run(
                heads(new Method.Add(0.5f, new Source.Vector(java.util.Collections.nCopies(16, 1f)))), golden.pairs());
        assertArrayEquals(constant.patched(), vector.patched());
        assertTrue(Arrays.stream(constant.delta()).anyMatch(delta -> Math.abs(delta) > 0.01));
    }

    @Test
    void meanByPositionOfThePatternKeepsItsRows() {
        // Prompts that are all the same: the mean is the prompt's own pattern.
        var one = golden.pairs().pairs().getFirst();
        var copies = new ArrayList<PromptPair>();
        for (int i = 0; i < 2; i++) {
            copies.add(new PromptPair(
                    "copy" + i, one.template(), one.clean(), one.corrupted(), one.answers(), one.wrongs(), true));
        }
        for (Site site : List.of(Site.PATTERN, Site.ATTN_SCORES)) {
            var spec = SweepSpec.at(site)
                    .by(Axis.LAYER, Axis.HEAD)
                    .method(new Method.MeanByPosition(new Reference.Clean()));
            for (double delta : run(spec, PromptPairs.of(copies)).delta()) {
                assertEquals(0, delta, site.label());
            }
        }
    }

    @Test
    void meanMayLeaveOutTheFirstPosition() {
        double[] all = run(heads(new Method.Mean(new Reference.Clean(), false)), golden.pairs())
                .delta();
        double[] rest = run(heads(new Method.Mean(new Reference.Clean(), true)), golden.pairs())
                .delta();
        assertTrue(Math.abs(all[0] - rest[0]) > 1e-4);
    }

    @Test
    void metricsOfTheWholeVocabularyAndOfTheResidualStreamAgree() {
        var spec = heads(new Method.Zero());
        double[] chosen = run(spec, golden.pairs()).patched();
        var whole = Metric.of(
                "diff",
                Reads.VOCABULARY,
                read -> read.vocabulary()[read.answers()[0]] - read.vocabulary()[read.wrongs()[0]]);
        assertArrayEquals(chosen, run(spec.metric(whole), golden.pairs()).patched());
        double[] kl = run(spec.metric(Metric.named("kl", _ -> new float[0])), golden.pairs())
                .clean();
        assertArrayEquals(new double[6], kl);
        var ones = new float[64];
        Arrays.fill(ones, 1);
        var dot = run(spec.metric(Metric.named("dot:f#v", _ -> ones)), golden.pairs());
        var sum = Metric.of(
                "sum",
                Reads.UNEMBEDDING_INPUT,
                read -> Arrays.stream(read.unembeddingInput()).sum());
        assertArrayEquals(run(spec.metric(sum), golden.pairs()).patched(), dot.patched(), 1e-9);
        assertTrue(Arrays.stream(dot.delta()).anyMatch(delta -> Math.abs(delta) > 1e-3));
    }

    @Test
    void severalSitesMakeALeadingAxis() {
        var both = run(SweepSpec.at(Site.K, Site.V).by(Axis.LAYER, Axis.HEAD), golden.pairs());
        var keys = run(SweepSpec.at(Site.K).by(Axis.LAYER, Axis.HEAD), golden.pairs());
        assertEquals(new GridAxis("site", List.of("k", "v")), both.axes().getFirst());
        assertArrayEquals(keys.delta(), Arrays.copyOf(both.delta(), keys.delta().length));
    }

    @Test
    void cellsThatComeToTheSameRunAreMerged() {
        var pairs = PromptPairs.of(golden.pairs().pairs().stream()
                .map(pair -> new PromptPair(
                        pair.id(),
                        pair.template(),
                        new dev.patchbay.analysis.pairs.Prompt(
                                pair.clean().tokens(), java.util.Map.of("LAST", List.of(11))),
                        pair.corrupted(),
                        pair.answers(),
                        pair.wrongs(),
                        true))
                .toList());
        var spec = SweepSpec.at(Site.Z)
                .by(Axis.SPAN, Axis.LAYER, Axis.HEAD)
                .spans(List.of("LAST", "END"))
                .method(new Method.Zero())
                .build();
        var grid = Grid.of(spec, golden.model().architecture(), pairs);
        var result = new SweepRunner(golden.model(), grid).run(SweepProgress.SILENT);
        assertEquals(new SweepCounts(192, 192, 0, 96, 96), result.counts());
        double[] delta = result.effects().delta();
        assertArrayEquals(Arrays.copyOf(delta, 16), Arrays.copyOfRange(delta, 16, 32));
    }

    @Test
    void aSweepCanBeCancelled() {
        var grid = Grid.of(heads(new Method.Zero()).build(), golden.model().architecture(), golden.pairs());
        var runner = new SweepRunner(golden.model(), grid);
        assertThrows(
                CancellationException.class,
                () -> runner.run(new SweepProgress() {
                    @Override
                    public void done(long done, long total) {}

                    @Override
                    public boolean isCancelled() {
                        return true;
                    }
                }));
    }
}
