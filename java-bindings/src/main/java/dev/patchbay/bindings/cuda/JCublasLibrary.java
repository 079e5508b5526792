package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeLibraries.Outcome;
import dev.patchbay.bindings.cuda.PanamaBlasLibrary.Binding;

/** cuBLAS 12 through JCublas, which binds the library of that version that the process has or the loader finds. */
record JCublasLibrary(String version, String origin) implements Blas.Library {
    /** Loads JCublas on a cuBLAS that was found, and thereby is in the process already. */
    static Binding bind(Outcome found) {
        return switch (found) {
            case Outcome.Absent(var reason) -> new Binding.Failed("no cuBLAS 12: " + reason);
            case Outcome.Opened opened -> {
                try {
                    yield new Binding.Bound(new JCublasLibrary(JCudaLibrary.loadCublas(), opened.origin()));
                } catch (UnsatisfiedLinkError failure) {
                    String reason = failure.toString().lines().findFirst().orElse("no reason");
                    yield new Binding.Failed(opened.origin() + ": " + reason);
                }
            }
        };
    }

    @Override
    public Blas open(CudaDriver driver, CudaProperties properties, String device, long stream) {
        return new JCublas((JCudaDeviceDriver) driver, device, stream);
    }

    @Override
    public String description() {
        return "cuBLAS 12 through JCublas %s (%s)".formatted(version, origin);
    }
}
