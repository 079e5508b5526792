package dev.patchbay.model.run;

import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.checkpoint.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process of its own for {@link BigCheckpointTest}: loads a model and prints how far its resident memory rose above what it
 * was before, at the highest and in the end.
 */
final class LoadPeak {
    private LoadPeak() {}

    /** Loads the folder {@code arguments[0]}. */
    @SuppressWarnings("SystemOut") // What it prints is what the test reads.
    public static void main(String[] arguments) throws IOException {
        try (var device = Devices.open(DeviceOptions.of("cpu").withThreads(2));
                var folder = ModelFolder.open(Path.of(arguments[0]))) {
            device.upload(new float[1], 1, 1, "so that all is loaded").buffer().close();
            // 5: the highest value of resident memory is counted anew.
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
            long before = kilobytes("VmRSS");
            try (var model = Model.load(device, folder)) {
                System.out.println(kilobytes("VmHWM") - before + "\t" + (kilobytes("VmRSS") - before) + "\t"
                        + model.architecture().layers());
            }
        }
    }

    private static long kilobytes(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.replaceAll("\\D", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
    }
}
