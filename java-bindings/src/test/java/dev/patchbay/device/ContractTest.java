package dev.patchbay.device;

import dev.patchbay.device.TestDevices.Choice;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A test that runs on every device of this machine, with matrices inside margins of NaN. */
@ParameterizedClass(name = "{0}")
@MethodSource("devices")
abstract class ContractTest {
    /** Row counts and widths around the sizes of lanes, tiles and panels. */
    static final int[] SIZES = {1, 15, 17, 63, 64, 65, 97};

    private final Choice choice;
    private Device device;
    private Matrices matrices;

    ContractTest(Choice choice) {
        this.choice = choice;
    }

    static List<Choice> devices() {
        return TestDevices.all();
    }

    @BeforeEach
    final void open() {
        device = choice.open();
        matrices = new Matrices(device);
    }

    @AfterEach
    final void close() {
        try {
            matrices.close();
        } finally {
            device.close();
        }
    }

    Device device() {
        return device;
    }

    Matrices matrices() {
        return matrices;
    }

    Ops ops() {
        return device.ops();
    }
}
