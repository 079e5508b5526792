package dev.patchbay.device;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What NVIDIA's management library (NVML) says of the machine's GPUs, whether or not Patchbay can use them.
 *
 * @param driver version of the NVIDIA driver, empty where the library is absent
 * @param absence why nothing is known, empty where something is
 * @param gpus one for each GPU, in the library's order, which need not be CUDA's
 */
public record GpuFacts(Optional<String> driver, Optional<String> absence, List<Gpu> gpus) {
    /** Copies the list. */
    public GpuFacts {
        gpus = List.copyOf(gpus);
    }

    /**
     * One GPU.
     *
     * @param index in the library's order
     * @param facts name, memory, clocks, power, ECC, MIG and processes, in words; what the library refuses to say is the
     *     reason in its words
     */
    public record Gpu(int index, Map<String, String> facts) {
        /** Copies the facts, in their order. */
        public Gpu {
            facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
        }
    }
}
