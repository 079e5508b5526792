package dev.patchbay.model.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.config.Architecture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The oracle's arithmetic against values known by hand or from tables. */
class Float64ForwardTest {
    @ParameterizedTest
    @CsvSource({"0.5,0.5204998778130465", "1,0.8427007929497149", "-2,-0.9953222650189527", "7,1", "5.9,1"})
    void errorFunction(double x, double expected) {
        assertEquals(expected, Float64Math.erf(x), 1e-14);
    }

    @ParameterizedTest
    @CsvSource({
        "GELU_ERF,0.8413447460685429",
        "GELU_TANH,0.8411919906082768",
        "RELU,1",
        "SILU,0.7310585786300049",
        "QUICK_GELU,0.8457957659328212",
        "IDENTITY,1"
    })
    void activationsOfOne(ActivationKind kind, double expected) {
        assertEquals(expected, Float64Math.activation(kind, 1), 1e-12);
    }

    @Test
    void norms() {
        var x = new double[][] {{1, 3}};
        var weight = new double[] {2, 4};
        var bias = new double[] {10, 20};
        assertArrayEquals(
                new double[] {8, 24},
                Float64Math.norm(new Architecture.Norm(NormKind.LAYER, 0f, 0f), x, weight, bias)[0],
                1e-12);
        double rms = Math.sqrt(5);
        assertArrayEquals(
                new double[] {3 / rms, 15 / rms},
                Float64Math.norm(new Architecture.Norm(NormKind.RMS, 0f, 1f), x, weight, new double[0])[0],
                1e-12);
        assertArrayEquals(x[0], Float64Math.norm(new Architecture.Norm(NormKind.IDENTITY, 0f, 0f), x, weight, bias)[0]);
    }
}
