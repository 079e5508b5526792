package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeLibraries.Outcome;

/** A cuBLASLt that was found, bound through the foreign-function API. */
record PanamaBlasLibrary(BlasFunctions functions, String origin) implements Blas.Library {
    /** That of CUDA 12, as the driver's functions that we call are. */
    private static final long OLDEST = 120_000;

    /** What came of an attempt to bind one. */
    sealed interface Binding {
        record Bound(Blas.Library library) implements Binding {}

        record Failed(String reason) implements Binding {}
    }

    /** Binds what was found. */
    static Binding bind(Outcome found) {
        return switch (found) {
            case Outcome.Absent(var reason) -> new Binding.Failed("no cuBLASLt: " + reason);
            case Outcome.Opened opened -> {
                try {
                    yield bind(new BlasFunctions(opened.symbols()), opened.origin());
                } catch (UnsatisfiedLinkError missing) {
                    yield new Binding.Failed(opened.origin() + ": " + missing.getMessage());
                }
            }
        };
    }

    private static Binding bind(BlasFunctions functions, String origin) {
        long version = functions.cublasLtGetVersion();
        return version < OLDEST
                ? new Binding.Failed(
                        "%s is cuBLASLt version %s, at least %s is needed".formatted(origin, version, OLDEST))
                : new Binding.Bound(new PanamaBlasLibrary(functions, origin));
    }

    @Override
    public Blas open(CudaDriver driver, CudaProperties properties, String device, long stream) {
        return new PanamaBlas(functions, driver, properties.major(), device, stream);
    }

    @Override
    public String description() {
        long version = functions.cublasLtGetVersion();
        return "cuBLASLt %s.%s.%s (%s)".formatted(version / 10_000, version % 10_000 / 100, version % 100, origin);
    }
}
