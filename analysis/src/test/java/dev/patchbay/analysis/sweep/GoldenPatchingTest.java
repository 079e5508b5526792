package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.site.Site;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Patches and ablations equal TransformerLens's on tiny gpt2, gpt_neox and llama models. */
class GoldenPatchingTest {
    static Stream<Arguments> cases() {
        return GoldenCase.NAMES.stream()
                .flatMap(name ->
                        GoldenCase.devices("cpu", "cuda-emulated").stream().map(device -> Arguments.of(device, name)));
    }

    /** Runs sweeps of one case and compares them; keeps the worst distance. */
    private record Comparison(GoldenCase golden) {
        void sweep(String array, SweepSpecBuilder spec) {
            var result = new SweepRunner(
                            golden.model(), Grid.of(spec.build(), golden.model().architecture(), golden.pairs()))
                    .run(SweepProgress.SILENT);
            compare(array, result.effects(), spec.build().method().isAblation());
        }

        /** The direct effect of each head against path patching from it to the logits with the MLPs frozen. */
        void direct(String array, Positions positions) {
            var spec = SweepSpec.at(Site.Z)
                    .by(Axis.LAYER, Axis.HEAD)
                    .direction(Direction.NOISE)
                    .positions(positions)
                    .build();
            var effects = new SweepRunner(
                            golden.model(), Grid.of(spec, golden.model().architecture(), golden.pairs()))
                    .run(SweepProgress.SILENT)
                    .effects();
            double clean = mean(widened("base.clean.logit_diff"));
            double[] direct = effects.direct().orElseThrow().direct().value();
            close(array, Arrays.stream(direct).map(value -> clean + value).toArray());
        }

        private void compare(String array, Effects effects, boolean ablation) {
            double clean = mean(widened("base.clean.logit_diff"));
            double corrupted = mean(widened("base.corrupted.logit_diff"));
            double[] means = new double[effects.cells()];
            for (int cell = 0; cell < means.length; cell++) {
                for (int pair = 0; pair < effects.pairs().size(); pair++) {
                    means[cell] += effects.patched()[pair * means.length + cell]
                            / effects.pairs().size();
                }
            }
            close(array, means);
            close(array + ".per_pair", effects.patched());
            if (ablation) {
                close(array + ".delta", effects.delta());
                close(
                        array + ".norm",
                        Arrays.stream(means)
                                .map(mean -> (mean - corrupted) / (clean - corrupted))
                                .toArray());
            } else {
                close(array + ".norm", effects.restored());
            }
        }

        private void close(String array, double[] found) {
            double distance = golden.distance(array, found);
            assertTrue(distance <= 1, array + ": " + distance + " tolerances away");
        }

        private double[] widened(String array) {
            float[] values = golden.array(array);
            var widened = new double[values.length];
            Arrays.setAll(widened, i -> values[i]);
            return widened;
        }

        private static double mean(double[] values) {
            return Arrays.stream(values).average().orElseThrow();
        }
    }

    @ParameterizedTest(name = "{argumentsWithNames}")
    @MethodSource("cases")
    void patchesEqualTransformerLens(String on, String name) {
        try (var device = Devices.open(DeviceOptions.of(on));
                var golden = GoldenCase.open(name, device)) {
            var compare = new Comparison(golden);
            for (var direction : Direction.values()) {
                String prefix = "patch." + direction.label() + ".";
                for (Site site : direction == Direction.DENOISE
                        ? new Site[] {Site.RESID_PRE, Site.ATTN_OUT, Site.MLP_OUT}
                        : new Site[] {Site.RESID_PRE, Site.MLP_OUT}) {
                    compare.sweep(
                            prefix + site.label(),
                            SweepSpec.at(site).by(Axis.LAYER, Axis.POS).direction(direction));
                }
                for (Site site : direction == Direction.DENOISE
                        ? new Site[] {Site.Z, Site.Q, Site.K, Site.V}
                        : new Site[] {Site.Z}) {
                    compare.sweep(
                            prefix + site.label() + ".all_pos",
                            SweepSpec.at(site).by(Axis.LAYER, Axis.HEAD).direction(direction));
                    compare.sweep(
                            prefix + site.label() + ".by_pos",
                            SweepSpec.at(site)
                                    .by(Axis.LAYER, Axis.POS, Axis.HEAD)
                                    .direction(direction));
                }
                compare.sweep(
                        prefix + "z.end",
                        SweepSpec.at(Site.Z)
                                .by(Axis.LAYER, Axis.HEAD)
                                .positions(Positions.END)
                                .direction(direction));
            }
            compare.direct("path.head_to_logits.mlps_frozen.all_pos", Positions.ALL);
            compare.direct("path.head_to_logits.mlps_frozen.end", Positions.END);
            compare.sweep(
                    "patch.denoise.pattern.all_pos", SweepSpec.at(Site.PATTERN).by(Axis.LAYER, Axis.HEAD));
            compare.sweep(
                    "patch.denoise.pattern.by_dest", SweepSpec.at(Site.PATTERN).by(Axis.LAYER, Axis.HEAD, Axis.POS));
        }
    }

    @ParameterizedTest(name = "{argumentsWithNames}")
    @MethodSource("cases")
    void ablationsEqualTransformerLens(String on, String name) {
        try (var device = Devices.open(DeviceOptions.of(on));
                var golden = GoldenCase.open(name, device)) {
            var compare = new Comparison(golden);
            compare.sweep("ablate.zero.z.all_pos", ablation(Site.Z, new Method.Zero()));
            compare.sweep(
                    "ablate.zero.z.end", ablation(Site.Z, new Method.Zero()).positions(Positions.END));
            compare.sweep(
                    "ablate.mean_batch_per_pos.z", ablation(Site.Z, new Method.MeanByPosition(new Reference.Clean())));
            compare.sweep(
                    "ablate.mean_batch_and_pos.z", ablation(Site.Z, new Method.Mean(new Reference.Clean(), false)));
            compare.sweep(
                    "ablate.mean_corrupted_per_pos.z",
                    ablation(Site.Z, new Method.MeanByPosition(new Reference.Corrupted())));
            compare.sweep(
                    "ablate.zero.mlp_out",
                    SweepSpec.at(Site.MLP_OUT).by(Axis.LAYER).method(new Method.Zero()));
        }
    }

    private static SweepSpecBuilder ablation(Site site, Method method) {
        return SweepSpec.at(site).by(Axis.LAYER, Axis.HEAD).method(method);
    }
}
