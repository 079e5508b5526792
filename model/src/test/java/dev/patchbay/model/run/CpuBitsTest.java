package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.patchbay.device.InstructionSet;
import dev.patchbay.model.config.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The exact profile on the CPU: neither threads nor instructions change a bit. */
class CpuBitsTest {
    private static final int[] PROMPT = new Random(1).ints(67, 0, 61).toArray();

    static Stream<Architecture> architectures() {
        return ExactnessTest.architectures();
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void threadsAndInstructionSetsDoNotChangeBits(Architecture architecture) {
        var tensors = new RandomTensors(architecture);
        var results = new ArrayList<float[][]>();
        for (var instructions : List.of(InstructionSet.AUTO, InstructionSet.AVX2)) {
            for (int threads : new int[] {1, 2}) {
                try (var device = Runs.cpu(threads, instructions);
                        var model = Model.load(device, architecture, tensors.map(), tensors)) {
                    results.add(Runs.logits(model, PROMPT));
                }
            }
        }
        for (var result : results) {
            assertArrayEquals(results.getFirst(), result);
        }
    }
}
