package dev.patchbay.device;

import java.util.ArrayList;
import java.util.List;

/** The devices of this machine, each in every way it can be opened: what contract tests run on. */
final class TestDevices {
    private TestDevices() {}

    /** One way to open a device. */
    record Choice(DeviceOptions options) {
        Device open() {
            return Devices.open(options);
        }

        @Override
        public String toString() {
            return options.name() + " " + options.instructionSet().label() + " x" + options.threads();
        }
    }

    static List<Choice> all() {
        List<Choice> choices = new ArrayList<>();
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
