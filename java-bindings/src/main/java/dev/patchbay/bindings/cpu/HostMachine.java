package dev.patchbay.bindings.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What the operating system says of the machine. */
final class HostMachine {
    private HostMachine() {}

    /** The processor's model name. */
    static String processor() {
        return value("/proc/cpuinfo", "model name").orElse("this processor");
    }

    /** Bytes that programs could still take without swapping. */
    static long availableMemory() {
        return value("/proc/meminfo", "MemAvailable")
                .map(text -> Math.multiplyExact(Long.parseLong(text.replace(" kB", "")), 1024L))
                .orElse(Long.MAX_VALUE);
    }

    private static Optional<String> value(String file, String key) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
