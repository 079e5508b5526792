package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.site.Site;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The planned sweep of every family gives the bits of the naive loop: every editable site, layer, head and position. */
class FamilySweepTest {
    static Stream<String> names() {
        return GoldenFamily.names().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyPlaceEqualsTheNaiveLoop(String name) {
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var family = GoldenFamily.open(name, device)) {
            for (Site site : ExactSweepTest.editableSites(family.model().architecture())) {
                var spec = ExactSweepTest.everywhere(site);
                var naive = ExactSweepTest.run(family.model(), family.pairs(), spec.build(), new WholePlanner(), 4096);
                for (var each : List.of(spec.build(), spec.noSkip().build())) {
                    var planned = ExactSweepTest.run(family.model(), family.pairs(), each, new PrefixPlanner(), 4096);
                    assertArrayEquals(
                            naive.effects().patched(), planned.effects().patched(), site.label());
                    assertArrayEquals(
                            naive.effects().effect(), planned.effects().effect(), site.label());
                    assertEquals(
                            naive.effects().direct().isPresent(),
                            planned.effects().direct().isPresent());
                    naive.effects()
                            .direct()
                            .ifPresent(direct -> assertArrayEquals(
                                    direct.patched(),
                                    planned.effects().direct().orElseThrow().patched(),
                                    site.label()));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void nothingDependsOnChunksThreadsOrTheOrderOfPairs(String name) {
        for (Site site : List.of(Site.Z, Site.K)) {
            double[] first = new double[0];
            for (int threads : new int[] {1, 2}) {
                try (var device = Devices.open(DeviceOptions.of("cpu").withThreads(threads));
                        var family = GoldenFamily.open(name, device)) {
                    var spec = ExactSweepTest.everywhere(site).build();
                    for (int tokens : new int[] {5, 64}) {
                        double[] found = ExactSweepTest.run(
                                        family.model(), family.pairs(), spec, new PrefixPlanner(), tokens)
                                .effects()
                                .patched();
                        first = first.length == 0 ? found : first;
                        assertArrayEquals(first, found, site + " in passes of " + tokens);
                    }
                    var turned = PromptPairs.of(family.pairs().pairs().reversed());
                    double[] found = ExactSweepTest.run(family.model(), turned, spec, new PrefixPlanner(), 64)
                            .effects()
                            .patched();
                    int half = first.length / 2;
                    assertEquals(first.length, found.length);
                    assertArrayEquals(
                            Arrays.copyOf(first, half), Arrays.copyOfRange(found, half, 2 * half), site.label());
                }
            }
        }
    }
}
