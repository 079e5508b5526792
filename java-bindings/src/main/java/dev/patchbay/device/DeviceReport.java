package dev.patchbay.device;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One device that Patchbay knows, present or not.
 *
 * @param name what a user types to ask for it
 * @param description what it is, empty where it is absent
 * @param absence why it is absent, empty where it is present
 * @param numerics the profiles it computes in, empty where it is absent
 * @param missing why it lacks other profiles, in the order of the profiles
 */
public record DeviceReport(
        String name,
        Optional<String> description,
        Optional<String> absence,
        List<Numerics> numerics,
        Map<Numerics, String> missing) {
    /** Copies the lists; a report says either what the device is or why it is absent. */
    public DeviceReport {
        if (description.isPresent() == absence.isPresent()) {
            throw new IllegalArgumentException(name + " is either present or absent");
        }
        numerics = List.copyOf(numerics);
        missing = Collections.unmodifiableMap(new TreeMap<>(missing));
    }

    /** The report of a device that can be opened. */
    public static DeviceReport present(String name, String description, List<Numerics> numerics) {
        return new DeviceReport(name, Optional.of(description), Optional.empty(), numerics, Map.of());
    }

    /** The report of a device that cannot. */
    public static DeviceReport absent(String name, String reason) {
        return new DeviceReport(name, Optional.empty(), Optional.of(reason), List.of(), Map.of());
    }

    /** The same, lacking profiles for a reason. */
    public DeviceReport without(List<Numerics> profiles, String reason) {
        Map<Numerics, String> reasons = new TreeMap<>(missing);
        profiles.forEach(profile -> reasons.put(profile, reason));
        return new DeviceReport(name, description, absence, numerics, reasons);
    }

    /** Whether it can be opened. */
    public boolean isPresent() {
        return description.isPresent();
    }
}
