package dev.patchbay.cli;

import dev.patchbay.device.DeviceReport;
import dev.patchbay.device.Devices;
import dev.patchbay.device.GpuFacts;
import dev.patchbay.device.Numerics;
import dev.patchbay.model.checkpoint.HuggingFaceCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** Says what this machine offers, and for everything absent why. */
@Command(name = "doctor", description = "Devices, libraries and versions; for everything absent the reason.")
final class DoctorCommand extends Subcommand {
    private static final List<String> FEATURES =
            List.of("fma", "avx2", "avx512f", "avx512bw", "avx512vl", "avx512_bf16", "amx_bf16", "f16c");

    @Override
    void run(Console console) {
        var devices = Devices.list();
        var facts = facts();
        var table = new Table("device", "state", "what it is, or why it is absent", "numerics");
        devices.forEach(device -> table.row(
                device.name(),
                device.isPresent() ? "present" : "absent",
                device.description().or(device::absence).orElse(""),
                numerics(device)));
        console.print(table.lines());
        for (var device : devices) {
            for (var lack : lacks(device).entrySet()) {
                console.print("%s has no numerics %s: %s".formatted(device.name(), lack.getValue(), lack.getKey()));
            }
        }
        console.print("");
        var gpus = Devices.gpuFacts();
        console.print(gpuLines(gpus));
        console.print("");
        var rest = new Table("", "");
        facts.forEach((name, value) -> rest.row(name, value));
        console.print(rest.lines());
        var result = new LinkedHashMap<String, Object>();
        result.put("devices", devices.stream().map(DoctorCommand::object).toList());
        result.put("nvidia", object(gpus));
        facts.forEach((name, value) -> result.put(key(name), value));
        console.result(result);
    }

    private static List<String> gpuLines(GpuFacts gpus) {
        var table = new Table("", "");
        table.row("nvidia driver", gpus.driver().or(gpus::absence).orElse(""));
        for (var gpu : gpus.gpus()) {
            gpu.facts().forEach((name, value) -> table.row("gpu " + gpu.index() + " " + name, value));
        }
        return table.lines();
    }

    private static Map<String, Object> object(GpuFacts gpus) {
        var members = new LinkedHashMap<String, Object>();
        members.put("driver", gpus.driver());
        members.put("reason", gpus.absence());
        members.put(
                "gpus",
                gpus.gpus().stream()
                        .map(gpu -> {
                            var facts = new LinkedHashMap<String, Object>();
                            gpu.facts().forEach((name, value) -> facts.put(key(name), value));
                            return facts;
                        })
                        .toList());
        return members;
    }

    private static String key(String name) {
        return name.replace(' ', '_');
    }

    private static Map<String, Object> object(DeviceReport device) {
        var members = new LinkedHashMap<String, Object>();
        members.put("name", device.name());
        members.put("present", device.isPresent());
        members.put("description", device.description());
        members.put("reason", device.absence());
        members.put("numerics", device.numerics().stream().map(Numerics::label).toList());
        var missing = new LinkedHashMap<String, Object>();
        device.missing().forEach((profile, reason) -> missing.put(profile.label(), reason));
        members.put("numerics_missing", missing);
        return members;
    }

    /** Why a device lacks profiles, and which: names with commas by the reason. */
    private static Map<String, String> lacks(DeviceReport device) {
        return device.missing().entrySet().stream()
                .collect(Collectors.groupingBy(
                        Map.Entry::getValue,
                        LinkedHashMap::new,
                        Collectors.mapping(entry -> entry.getKey().label(), Collectors.joining(", "))));
    }

    private static String numerics(DeviceReport device) {
        return device.numerics().stream().map(Numerics::label).collect(Collectors.joining(", "));
    }

    private static Map<String, Object> facts() {
        var facts = new LinkedHashMap<String, Object>();
        facts.put("patchbay", Versions.patchbay());
        facts.put("java", Versions.java());
        facts.put("java home", System.getProperty("java.home", ""));
        facts.put("java heap", gibibytes(Runtime.getRuntime().maxMemory()));
        facts.put(
                "system",
                System.getProperty("os.name", "") + " " + System.getProperty("os.version", "") + " "
                        + System.getProperty("os.arch", ""));
        facts.put("processor", line("/proc/cpuinfo", "model name").orElse("unknown"));
        facts.put("processor features", features());
        facts.put("threads", Runtime.getRuntime().availableProcessors());
        facts.put("memory", kibibytes("MemTotal"));
        facts.put("memory available", kibibytes("MemAvailable"));
        facts.put(
                "cache folder",
                setting("PATCHBAY_CACHE")
                        .orElseGet(() -> Path.of(System.getProperty("user.home", "."), ".cache", "patchbay")
                                .toString()));
        facts.put(
                "native libraries",
                setting("PATCHBAY_NATIVE_PATH")
                        .map(path -> path + " (PATCHBAY_NATIVE_PATH)")
                        .orElse("from Patchbay's own jar, unpacked into the cache folder"));
        facts.put("hugging face cache", HuggingFaceCache.ofProcess().root().toString());
        return facts;
    }

    /** A system property or, where it is not set, the environment variable of the same name, as the bindings read them. */
    private static Optional<String> setting(String name) {
        return Optional.ofNullable(System.getProperty(name, System.getenv(name)))
                .filter(value -> !value.isBlank());
    }

    private static String features() {
        var flags = List.of(line("/proc/cpuinfo", "flags").orElse("").split(" "));
        return FEATURES.stream().filter(flags::contains).collect(Collectors.joining(" "));
    }

    private static String kibibytes(String key) {
        return line("/proc/meminfo", key)
                .map(text -> gibibytes(Long.parseLong(text.replace(" kB", "")) * 1024))
                .orElse("unknown");
    }

    static String gibibytes(long bytes) {
        return String.format(java.util.Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }

    private static Optional<String> line(String file, String key) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
