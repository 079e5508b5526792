package dev.patchbay.bench.gpu;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The stages, in their order. Their times add up to less than eight minutes. */
enum Stage {
    /** What the device is. */
    DEVICE(30, List.of()),

    /** Every operation against the float64 oracle, misuse, and the bit equality of {@code exact}. */
    CONTRACT(
            120,
            List.of(
                    new Suite(
                            "java-bindings",
                            List.of(
                                    "dev.patchbay.device.OpsContractTest",
                                    "dev.patchbay.device.AttentionContractTest",
                                    "dev.patchbay.device.EditContractTest",
                                    "dev.patchbay.device.ExactnessTest",
                                    "dev.patchbay.device.FastProfilesTest",
                                    "dev.patchbay.device.OpsMisuseTest",
                                    "dev.patchbay.device.AttentionMisuseTest")),
                    new Suite("model", List.of("dev.patchbay.model.run.ExactnessTest")))),

    /** Arrays, patches and texts that other libraries computed. */
    GOLDEN(
            90,
            List.of(
                    new Suite(
                            "model",
                            List.of(
                                    "dev.patchbay.model.run.GoldenFamiliesTest",
                                    "dev.patchbay.model.run.FastGoldenTest",
                                    "dev.patchbay.model.run.GoldenGenerationTest",
                                    "dev.patchbay.model.run.ZooForwardTest")),
                    new Suite(
                            "analysis",
                            List.of(
                                    "dev.patchbay.analysis.sweep.GoldenPatchingTest",
                                    "dev.patchbay.analysis.sweep.GoldenDirectionsTest")))),

    /** Operations at sizes of real models. */
    SPEED(75, List.of()),

    /** Whole sweeps. */
    SWEEP(60, List.of()),

    /** NVIDIA's checkers over small tests; last, since they may take their whole time. */
    SANITIZER(
            100,
            List.of(new Suite(
                    "java-bindings",
                    List.of(
                            "dev.patchbay.device.OpsContractTest#aGroupOfSlicesOfOneWeightGivesEachItsOwnProduct",
                            "dev.patchbay.device.OpsContractTest#chosenElementsAreTheBitsOfTheProduct",
                            "dev.patchbay.device.OpsContractTest#normsEqualTheirFormulaAndWriteTheirDivisors",
                            "dev.patchbay.device.OpsContractTest#ropeRotatesPairsAndCopiesTheRest",
                            "dev.patchbay.device.OpsContractTest#gatherCopiesRowsByEitherIndex",
                            "dev.patchbay.device.OpsContractTest#logSoftmaxEqualsItsFormula",
                            "dev.patchbay.device.AttentionContractTest#raggedRowsOverBasesEqualTheFormula",
                            "dev.patchbay.device.AttentionContractTest#everyLabelledMassEqualsItsPredicate",
                            "dev.patchbay.device.EditContractTest#everyOperationEqualsItsFormula",
                            "dev.patchbay.device.FastProfilesTest#slicesOfAWeightThatBeginAnywhereGiveTheirOwnProducts",
                            "dev.patchbay.device.FastProfilesTest#attentionIsAsCloseAsTheProfileSays"))));

    /** Without a GPU nothing is in a hurry. */
    private static final int PATIENCE = 10;

    private final long seconds;
    private final List<Suite> suites;

    Stage(long seconds, List<Suite> suites) {
        this.seconds = seconds;
        this.suites = suites;
    }

    /** Test classes of one module, whose folder is the working folder they expect. */
    record Suite(String module, List<String> tests) {}

    String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    static Stage of(String label) {
        return Arrays.stream(values())
                .filter(stage -> stage.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("stage '" + label + "': expected "
                        + Arrays.stream(values()).map(Stage::label).collect(Collectors.joining(", "))));
    }

    /** How long it may take. */
    long seconds(String device) {
        return device.startsWith("cuda") && !device.equals("cuda-emulated") ? seconds : seconds * PATIENCE;
    }

    List<Suite> suites() {
        return suites;
    }
}
