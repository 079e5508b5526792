package dev.patchbay.model.run;

import dev.patchbay.device.Device;
import dev.patchbay.model.checkpoint.Golden;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How far the engine is from the numbers that another library computed for a golden checkpoint. */
public final class GoldenFamily {
    /** Largest difference allowed in an array, as a part of its largest value. */
    public static final double TOLERANCE = 1e-5;

    private GoldenFamily() {}

    /** For every array of {@code expected.safetensors}, its largest difference as a part of its largest value. */
    static Map<String, Double> errors(Device device, String name) {
        var path = Golden.path("families", name);
        try (var folder = ModelFolder.open(path);
                var expected = SafetensorsFile.open(path.resolve("expected.safetensors"));
                var model = Model.load(device, folder)) {
            var captures = captures(expected);
            var request = RunRequest.of(rows(expected), Logits.ALL)
                    .with(Program.captures(captures.values().stream().toList()), Bindings.NONE);
            var errors = new TreeMap<String, Double>();
            try (var run = model.run(request)) {
                errors.put(
                        "logits", error(expected.floats("logits"), run.logits().toFloats()));
                captures.forEach((array, capture) -> errors.put(
                        array,
                        error(
                                expected.floats(array),
                                run.capture(capture.point()).toFloats())));
            }
            return errors;
        }
    }

    /** The largest error of all arrays on a device of this name, and the array that has it. */
    public static String worst(String device, String name) {
        try (var opened = Runs.open(device)) {
            var worst = errors(opened, name).entrySet().stream()
                    .max(Map.Entry.comparingByValue())
                    .orElseThrow();
            return worst.getValue() + " " + worst.getKey();
        }
    }

    /** Prints that for each of the families after the device, one a line: for processes of their own. */
    public static void main(String[] arguments) {
        for (var name : List.of(arguments).subList(1, arguments.length)) {
            System.out.println(worst(arguments[0], name));
        }
    }

    private static List<Row> rows(SafetensorsFile expected) {
        long[] ids = expected.integers("input_ids");
        int length = Math.toIntExact(expected.tensor("input_ids").shape().getLast());
        var rows = new ArrayList<Row>();
        for (int begin = 0; begin < ids.length; begin += length) {
            rows.add(Row.of(Arrays.stream(ids, begin, begin + length)
                    .mapToInt(Math::toIntExact)
                    .toArray()));
        }
        return rows;
    }

    /** What to keep for each array but the logits. */
    private static Map<String, Capture> captures(SafetensorsFile expected) {
        var captures = new TreeMap<String, Capture>();
        int layers = Math.toIntExact(expected.tensors().keySet().stream()
                .filter(array -> array.startsWith("z."))
                .count());
        for (var array : expected.tensors().keySet()) {
            if (array.equals("resid_post")) {
                captures.put(array, new Capture(new SitePoint(Site.RESID_POST, layers - 1)));
            } else if (!array.equals("logits") && !array.equals("input_ids")) {
                var parts = array.split("\\.", 2);
                captures.put(array, new Capture(new SitePoint(Site.named(parts[0]), Integer.parseInt(parts[1]))));
            }
        }
        return captures;
    }

    private static double error(float[] reference, float[] found) {
        if (reference.length != found.length) {
            throw new IllegalStateException(reference.length + " elements expected, found " + found.length);
        }
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < reference.length; i++) {
            largest = Math.max(largest, Math.abs(reference[i]));
            double own = Math.abs((double) reference[i] - found[i]);
            difference = own <= difference ? difference : Double.isNaN(own) ? Double.POSITIVE_INFINITY : own;
        }
        return difference / largest;
    }
}
