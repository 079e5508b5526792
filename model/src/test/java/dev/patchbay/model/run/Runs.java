package dev.patchbay.model.run;

import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.device.InstructionSet;
import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import dev.patchbay.model.zoo.Zoo;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Short words for the tests of the forward pass. */
final class Runs {
    private Runs() {}

    /** What tests of the forward pass run on, unless the system property {@code patchbay.test.devices} names others. */
    static List<String> devices() {
        return List.of(
                System.getProperty("patchbay.test.devices", "cpu,cuda-emulated").split(",", -1));
    }

    static Device cpu(int threads, InstructionSet instructions) {
        return Devices.open(DeviceOptions.of("cpu").withThreads(threads).withInstructionSet(instructions));
    }

    /** The device of a name, with its defaults. */
    static Device open(String name) {
        return Devices.open(DeviceOptions.of(name));
    }

    static Device cpu() {
        return Devices.open(DeviceOptions.of("cpu"));
    }

    static Model zoo(Device device, String name) {
        var zoo = Zoo.open(name);
        return Model.load(device, zoo.architecture(), zoo.weights(), zoo.tensors());
    }

    static Model load(Device device, Architecture architecture, WeightMap map, RandomTensors tensors) {
        return Model.load(device, architecture, map, tensors);
    }

    /** Logits of every position of one prompt, [position][token]. */
    static float[][] logits(Model model, Program program, Bindings bindings, int... tokens) {
        try (var run =
                model.run(RunRequest.of(List.of(Row.of(tokens)), Logits.ALL).with(program, bindings))) {
            return matrix(run.logits().toFloats(), tokens.length);
        }
    }

    static float[][] logits(Model model, int... tokens) {
        return logits(model, Program.EMPTY, Bindings.NONE, tokens);
    }

    static float[][] matrix(float[] flat, int rows) {
        int columns = flat.length / rows;
        var matrix = new float[rows][];
        for (int row = 0; row < rows; row++) {
            matrix[row] = Arrays.copyOfRange(flat, row * columns, (row + 1) * columns);
        }
        return matrix;
    }

    /** A run that keeps sites of one or more prompts, to be a source of others. */
    static Run capture(Model model, List<Row> rows, SitePoint... points) {
        var captures = Arrays.stream(points).map(Capture::new).toList();
        return model.run(RunRequest.of(rows, Logits.NONE).with(Program.captures(captures), Bindings.NONE));
    }

    /** Binds every {@link Source.Run} to the captures of {@code run}, row r to its row r or its last. */
    static Bindings bind(Run run) {
        return bind(run, row -> row);
    }

    /** Binds every {@link Source.Run} to the captures of {@code run}: which of its rows, by row. */
    static Bindings bind(Run run, IntUnaryOperator rowOf) {
        return new Bindings() {
            @Override
            public SiteValues values(Source source, SitePoint point) {
                var captured = run.capture(point);
                return new SiteValues() {
                    @Override
                    public dev.patchbay.device.Tensor tensor() {
                        return captured.tensor();
                    }

                    @Override
                    public long index(int row, int position, int head) {
                        int from =
                                Math.min(rowOf.applyAsInt(row), captured.rows().size() - 1);
                        return point.site().traits().keys()
                                ? captured.index(from, position, head)
                                : captured.index(from, position);
                    }
                };
            }
        };
    }

    static SitePoint point(Site site, int layer) {
        return new SitePoint(site, layer);
    }
}
