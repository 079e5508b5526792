package dev.patchbay.bench.gpu;

import dev.patchbay.bench.gpu.StageReport.State;
import dev.patchbay.device.DeviceException;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The first stage: what devices there are, and that the one asked for can be opened. */
final class DeviceFacts {
    private static final Path KERNEL_DRIVER = Path.of("/proc/driver/nvidia/version");

    private DeviceFacts() {}

    /** Arguments: the device and the report to write. */
    public static void main(String[] arguments) {
        String asked = arguments[0];
        var rows = new ArrayList<List<String>>();
        for (var report : Devices.list()) {
            rows.add(List.of(
                    report.name(),
                    report.description()
                            .orElseGet(() -> "absent: " + report.absence().orElse(""))));
        }
        State state = State.PASSED;
        String summary;
        try (var device = Devices.open(DeviceOptions.of(asked))) {
            summary = device.name() + ": " + device.description();
            rows.add(List.of(
                    "free memory of " + device.name(),
                    String.format(Locale.ROOT, "%.1f GiB", device.freeBytes() / (double) (1 << 30))));
        } catch (DeviceException | IllegalArgumentException absent) {
            state = State.FAILED;
            summary = String.valueOf(absent.getMessage());
        }
        try (var lines = Files.lines(KERNEL_DRIVER)) {
            lines.limit(1).forEach(line -> rows.add(List.of("NVIDIA's kernel module", line)));
        } catch (IOException | UncheckedIOException absent) {
            rows.add(List.of("NVIDIA's kernel module", "not told: " + KERNEL_DRIVER + " cannot be read"));
        }
        rows.add(List.of("Java", Runtime.version().toString()));
        rows.add(List.of(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + Runtime.getRuntime().availableProcessors() + " processors"));
        new StageReport("device", asked, "", state, 0, summary, List.of(), List.of("what", "found"), rows)
                .write(Path.of(arguments[1]));
    }
}
