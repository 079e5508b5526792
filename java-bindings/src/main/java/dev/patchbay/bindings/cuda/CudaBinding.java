package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeLibraries;
import dev.patchbay.bindings.NativeLibraries.Outcome;
import dev.patchbay.bindings.cuda.PanamaBlasLibrary.Binding;
import java.util.Locale;
import java.util.Optional;

/** The ways in which the driver can be called. */
enum CudaBinding {
    /** Java's own foreign-function API. */
    PANAMA {
        @Override
        CudaPlatform bind(Outcome.Opened driver) {
            return new PanamaCudaPlatform(driver);
        }

        @Override
        Binding products(Optional<String> emulator) {
            return PanamaBlasLibrary.bind(emulator.map(BlasLocator::emulator).orElseGet(BlasLocator::library));
        }
    },

    /** JCuda, which is an optional dependency. */
    JCUDA {
        @Override
        CudaPlatform bind(Outcome.Opened driver) {
            CudaPlatform found = new PanamaCudaPlatform(driver);
            try {
                return new JCudaPlatform(found);
            } catch (NoClassDefFoundError absent) {
                throw new IllegalArgumentException(
                        SETTING + "=jcuda, but JCuda is not there: put org.jcuda:jcuda:12.6.0 and its jcuda-natives"
                                + " on the class path or the module path",
                        absent);
            }
        }

        @Override
        Binding products(Optional<String> emulator) {
            try {
                return JCublasLibrary.bind(
                        emulator.map(BlasLocator::emulatedCublas).orElseGet(BlasLocator::cublas));
            } catch (NoClassDefFoundError absent) {
                return new Binding.Failed(
                        SETTING + "=jcuda, but JCublas is not there: put org.jcuda:jcublas:12.6.0 and its"
                                + " jcublas-natives on the class path or the module path");
            }
        }
    };

    /** System property and environment variable that names one. */
    static final String SETTING = "PATCHBAY_CUDA_BINDING";

    /**
     * Starts a driver that has been opened.
     *
     * @throws LinkageError where a function is missing
     * @throws CudaException where it does not start
     * @throws IllegalArgumentException where the binding is not there
     */
    abstract CudaPlatform bind(Outcome.Opened driver);

    /** The library of products that goes with it: the machine's, or the one beside the emulated driver of that place. */
    abstract Binding products(Optional<String> emulator);

    /** The one that was asked for, else {@link #PANAMA}. */
    static CudaBinding asked() {
        String name = NativeLibraries.setting(SETTING).orElse("panama");
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "panama" -> PANAMA;
            case "jcuda" -> JCUDA;
            default -> throw new IllegalArgumentException(SETTING + " is '" + name + "': expected panama or jcuda");
        };
    }
}
