package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SiteTraits.Access;
import dev.patchbay.model.site.SiteTraits.HeadKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the exact profile promises of sweeps, bit for bit, on every editable site, layer, head and position. */
class ExactSweepTest {
    static Stream<String> cases() {
        return GoldenCase.NAMES.stream();
    }

    static List<Site> editableSites(Architecture architecture) {
        return Arrays.stream(Site.values())
                .filter(site -> site.traits().access() == Access.EDITABLE)
                .filter(site -> site.absence(architecture, 0).isEmpty())
                .toList();
    }

    static SweepSpecBuilder everywhere(Site site) {
        var axes = new ArrayList<Axis>();
        if (site.traits().perLayer()) {
            axes.add(Axis.LAYER);
        }
        axes.add(Axis.POS);
        if (site.traits().heads() != HeadKind.NONE) {
            axes.add(Axis.HEAD);
        }
        return SweepSpec.at(site).by(axes);
    }

    static SweepResult run(Model model, PromptPairs pairs, SweepSpec spec, Planner planner, int tokens) {
        var grid = Grid.of(spec, model.architecture(), pairs);
        return new SweepRunner(model, grid, planner, new SweepLimits(tokens, 1 << 16, 1 << 20))
                .run(SweepProgress.SILENT);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void identityPatchHasExactlyZeroEffect(String name) {
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var golden = GoldenCase.open(name, device)) {
            var same = golden.pairs().pairs().stream()
                    .map(pair -> new PromptPair(
                            pair.id(),
                            pair.template(),
                            pair.clean(),
                            Optional.of(pair.clean()),
                            pair.answers(),
                            pair.wrongs(),
                            true))
                    .toList();
            for (Site site : editableSites(golden.model().architecture())) {
                var spec = everywhere(site).noSkip().build();
                var result = run(golden.model(), PromptPairs.of(same), spec, new PrefixPlanner(), 4096);
                assertEquals(result.counts().patches(), result.counts().executed(), site.label());
                for (double delta : result.effects().delta()) {
                    assertEquals(0.0, delta, site.label());
                }
                int cells = result.effects().cells();
                for (int i = 0; i < result.effects().patched().length; i++) {
                    assertEquals(
                            result.effects().clean()[i / cells],
                            result.effects().patched()[i],
                            site.label());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void reusingBaseRunsEqualsOneWholeRunForEachPatch(String name) {
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var golden = GoldenCase.open(name, device)) {
            var model = golden.model();
            for (Site site : editableSites(model.architecture())) {
                var spec = everywhere(site);
                var naive = run(model, golden.pairs(), spec.build(), new WholePlanner(), 4096);
                var reused = run(model, golden.pairs(), spec.build(), new PrefixPlanner(), 4096);
                var unskipped = run(model, golden.pairs(), spec.noSkip().build(), new PrefixPlanner(), 4096);
                assertArrayEquals(naive.effects().patched(), reused.effects().patched(), site.label());
                assertArrayEquals(naive.effects().patched(), unskipped.effects().patched(), site.label());
                assertTrue(reused.counts().skipped() > 0, site.label());
                assertEquals(0, unskipped.counts().skipped(), site.label());
                assertEquals(
                        reused.counts().planned(),
                        reused.counts().skipped()
                                + reused.counts().merged()
                                + reused.counts().executed());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void resultsDependNeitherOnChunksNorOnThreads(String name) {
        var found = new ArrayList<double[]>();
        for (int threads : new int[] {1, 3}) {
            try (var device = Devices.open(DeviceOptions.of("cpu").withThreads(threads));
                    var golden = GoldenCase.open(name, device)) {
                for (int tokens : new int[] {7, 100, 4096}) {
                    for (Site site : List.of(Site.Z, Site.K, Site.PATTERN)) {
                        found.add(run(
                                        golden.model(),
                                        golden.pairs(),
                                        everywhere(site).build(),
                                        new PrefixPlanner(),
                                        tokens)
                                .effects()
                                .patched());
                    }
                }
            }
        }
        for (int i = 3; i < found.size(); i++) {
            assertArrayEquals(found.get(i % 3), found.get(i));
        }
    }
}
