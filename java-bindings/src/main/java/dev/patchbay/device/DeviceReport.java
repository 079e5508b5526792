package dev.patchbay.device;

import java.util.List;
import java.util.Optional;

/**
 * One device that Patchbay knows, present or not.
 *
 * @param name what a user types to ask for it
 * @param description what it is, empty where it is absent
 * @param absence why it is absent, empty where it is present
 * @param numerics the profiles it computes in, empty where it is absent
 */
public record DeviceReport(
        String name, Optional<String> description, Optional<String> absence, List<Numerics> numerics) {
    /** Copies the list; a report says either what the device is or why it is absent. */
    public DeviceReport {
        if (description.isPresent() == absence.isPresent()) {
            throw new IllegalArgumentException(name + " is either present or absent");
        }
        numerics = List.copyOf(numerics);
    }

    /** The report of a device that can be opened. */
    public static DeviceReport present(String name, String description, List<Numerics> numerics) {
        return new DeviceReport(name, Optional.of(description), Optional.empty(), numerics);
    }

    /** The report of a device that cannot. */
    public static DeviceReport absent(String name, String reason) {
        return new DeviceReport(name, Optional.empty(), Optional.of(reason), List.of());
    }

    /** Whether it can be opened. */
    public boolean isPresent() {
        return description.isPresent();
    }
}
