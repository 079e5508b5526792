package dev.patchbay.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The devices of this machine, each in every way it can be opened: what contract tests run on. The system property
 * {@code patchbay.test.devices}, a list of names with commas, asks for just those, which then must be there.
 */
final class TestDevices {
    private static final Optional<List<String>> ASKED = Optional.ofNullable(System.getProperty("patchbay.test.devices"))
            .map(names -> List.of(names.split(",", -1)));

    private TestDevices() {}

    /** Whether a device is to be tested. */
    static boolean asked(String name) {
        return ASKED.map(names -> names.contains(name)).orElse(true);
    }

    /** One way to open a device. */
    record Choice(DeviceOptions options) {
        Device open() {
            return Devices.open(options);
        }

        @Override
        public String toString() {
            return options.name() + " " + options.numerics().label() + " "
                    + options.instructionSet().label() + " x" + options.threads();
        }
    }

    static List<Choice> all() {
        List<Choice> choices = new ArrayList<>();
        if (ASKED.isPresent()) {
            for (String name : ASKED.get()) {
                choices.addAll(name.equals("cpu") ? cpu() : List.of(new Choice(DeviceOptions.of(name))));
            }
            return choices;
        }
        for (DeviceReport report : Devices.list()) {
            if (report.name().equals("cpu")) {
                choices.addAll(cpu());
            } else if (report.name().equals("cuda-emulated") && !report.isPresent()) {
                throw new AssertionError("the emulated driver is part of the build: " + report);
            } else if (report.isPresent()) {
                choices.add(new Choice(DeviceOptions.of(report.name())));
            }
        }
        return choices;
    }

    /** The CUDA devices in every profile but {@code exact}. */
    static List<Choice> fast() {
        List<Choice> choices = new ArrayList<>();
        for (DeviceReport report : Devices.list()) {
            if (report.name().equals("cpu") || !report.isPresent() || !asked(report.name())) {
                continue;
            }
            for (Numerics profile : List.of(Numerics.FAST32, Numerics.TF32, Numerics.BF16)) {
                if (report.numerics().contains(profile)) {
                    choices.add(new Choice(DeviceOptions.of(report.name()).withNumerics(profile)));
                } else if (report.name().equals("cuda-emulated")) {
                    throw new AssertionError("emulated products are part of the build: " + report);
                } else {
                    System.err.println("not tested: " + profile + " on " + report);
                }
            }
        }
        return choices;
    }

    /** The CPU device with every instruction set it has here, with one thread and two. */
    static List<Choice> cpu() {
        List<Choice> choices = new ArrayList<>();
        for (InstructionSet set : List.of(InstructionSet.AVX2, InstructionSet.AVX512)) {
            for (int threads = 1; threads <= 2; threads++) {
                Choice choice = new Choice(
                        DeviceOptions.of("cpu").withInstructionSet(set).withThreads(threads));
                try {
                    choice.open().close();
                    choices.add(choice);
                } catch (DeviceUnavailableException absent) {
                    System.err.println("not tested: " + choice + ": " + absent.getMessage());
                }
            }
        }
        return choices;
    }
}
