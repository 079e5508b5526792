package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.NativeLibraries.Outcome;
import dev.patchbay.bindings.cuda.NvmlLibrary.Refused;
import dev.patchbay.device.GpuFacts;
import dev.patchbay.device.GpuFacts.Gpu;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What NVIDIA's management library, which comes with the driver, says of the machine's GPUs. */
public final class Nvml {
    private static final int TEXT = 256;
    private static final int GRAPHICS_CLOCK = 0;
    private static final int MEMORY_CLOCK = 2;
    /** {@code nvmlProcessInfo_t}: a process's number, the memory it has (or nothing but ones), two ints. */
    private static final long PROCESS_BYTES = 24;

    private static final long PROCESS_MEMORY = 8;
    private static final long UNKNOWN_MEMORY = -1;

    private Nvml() {}

    /** Asks it. */
    public static GpuFacts facts() {
        return switch (CudaLocator.management()) {
            case Outcome.Absent(var reason) -> absent("no NVML: " + reason);
            case Outcome.Opened opened -> {
                try (NvmlLibrary library = new NvmlLibrary(opened.symbols())) {
                    MemorySegment version = library.memory(TEXT);
                    library.call("nvmlSystemGetDriverVersion", version.address(), TEXT);
                    yield new GpuFacts(Optional.of(version.getString(0)), Optional.empty(), gpus(library));
                } catch (Refused refusal) {
                    yield absent(opened.origin() + ": " + refusal.getMessage());
                }
            }
        };
    }

    private static GpuFacts absent(String reason) {
        return new GpuFacts(Optional.empty(), Optional.of(reason), List.of());
    }

    private static List<Gpu> gpus(NvmlLibrary library) throws Refused {
        MemorySegment out = library.memory(Long.BYTES);
        library.call("nvmlDeviceGetCount_v2", out.address());
        int count = out.get(JAVA_INT, 0);
        List<Gpu> gpus = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            gpus.add(new Gpu(index, gpu(library, index)));
        }
        return gpus;
    }

    private static Map<String, String> gpu(NvmlLibrary library, int index) {
        MemorySegment handle = library.memory(Long.BYTES);
        Map<String, String> facts = new LinkedHashMap<>();
        try {
            library.call("nvmlDeviceGetHandleByIndex_v2", index, handle.address());
        } catch (Refused refusal) {
            facts.put("name", "not told: " + refusal.getMessage());
            return facts;
        }
        Device device = new Device(library, handle.get(JAVA_LONG, 0));
        device.ask(facts, "name", () -> device.text("nvmlDeviceGetName"));
        device.ask(facts, "uuid", () -> device.text("nvmlDeviceGetUUID"));
        device.ask(facts, "memory", device::memory);
        device.ask(facts, "graphics clock", () -> device.clock(GRAPHICS_CLOCK));
        device.ask(facts, "memory clock", () -> device.clock(MEMORY_CLOCK));
        device.ask(facts, "power", device::power);
        device.ask(facts, "ecc", () -> device.mode("nvmlDeviceGetEccMode"));
        device.ask(facts, "mig", () -> device.mode("nvmlDeviceGetMigMode"));
        device.ask(facts, "processes", device::processes);
        return facts;
    }

    private interface Question {
        String ask() throws Refused;
    }

    private record Device(NvmlLibrary library, long handle) {
        void ask(Map<String, String> facts, String name, Question question) {
            try {
                facts.put(name, question.ask());
            } catch (Refused refusal) {
                facts.put(name, "not told: " + refusal.getMessage());
            }
        }

        String text(String function) throws Refused {
            MemorySegment out = library.memory(TEXT);
            library.call(function, handle, out.address(), TEXT);
            return out.getString(0);
        }

        /** {@code nvmlMemory_t} is total, free, used. */
        String memory() throws Refused {
            MemorySegment out = library.memory(3 * Long.BYTES);
            library.call("nvmlDeviceGetMemoryInfo", handle, out.address());
            return "%s, %s free"
                    .formatted(gibibytes(out.getAtIndex(JAVA_LONG, 0)), gibibytes(out.getAtIndex(JAVA_LONG, 1)));
        }

        String clock(int kind) throws Refused {
            MemorySegment out = library.memory(2 * Integer.BYTES);
            library.call("nvmlDeviceGetClockInfo", handle, kind, out.address());
            library.call("nvmlDeviceGetMaxClockInfo", handle, kind, out.address() + Integer.BYTES);
            return "%s MHz of at most %s".formatted(out.get(JAVA_INT, 0), out.get(JAVA_INT, Integer.BYTES));
        }

        String power() throws Refused {
            MemorySegment out = library.memory(2 * Integer.BYTES);
            library.call("nvmlDeviceGetPowerUsage", handle, out.address());
            library.call("nvmlDeviceGetPowerManagementLimit", handle, out.address() + Integer.BYTES);
            return String.format(
                    Locale.ROOT,
                    "%.0f W of at most %.0f",
                    out.get(JAVA_INT, 0) / 1e3,
                    out.get(JAVA_INT, Integer.BYTES) / 1e3);
        }

        String mode(String function) throws Refused {
            MemorySegment out = library.memory(2 * Integer.BYTES);
            library.call(function, handle, out.address(), out.address() + Integer.BYTES);
            String now = onOrOff(out.get(JAVA_INT, 0));
            String next = onOrOff(out.get(JAVA_INT, Integer.BYTES));
            return now.equals(next) ? now : now + ", " + next + " after the next start";
        }

        private static String onOrOff(int state) {
            return state == 0 ? "off" : "on";
        }

        String processes() throws Refused {
            MemorySegment count = library.memory(Integer.BYTES);
            int room = 16;
            while (true) {
                MemorySegment list = library.memory(room * PROCESS_BYTES);
                count.set(JAVA_INT, 0, room);
                try {
                    library.call("nvmlDeviceGetComputeRunningProcesses_v3", handle, count.address(), list.address());
                    return processes(list, count.get(JAVA_INT, 0));
                } catch (Refused refusal) {
                    if (refusal.status() != NvmlLibrary.INSUFFICIENT_SIZE || room > 1 << 16) {
                        throw refusal;
                    }
                    room *= 4;
                }
            }
        }

        private static String processes(MemorySegment list, int count) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                MemorySegment process = list.asSlice(i * PROCESS_BYTES, PROCESS_BYTES);
                long bytes = process.get(JAVA_LONG, PROCESS_MEMORY);
                texts.add(process.get(JAVA_INT, 0) + " has "
                        + (bytes == UNKNOWN_MEMORY ? "memory that is not told" : gibibytes(bytes)));
            }
            return texts.isEmpty() ? "none" : String.join(", ", texts);
        }
    }

    private static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }
}
