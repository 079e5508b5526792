package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeLibraries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;

/**
 * Loads the native parts of JCuda and JCublas. JCuda looks on {@code java.library.path} and then unpacks its library into the folder
 * that {@code java.io.tmpdir} names, unless a file of that name is there. We unpack it into our cache, with its hash
 * checked, and let the property name that place while JCuda starts: the system's temporary folder stays out of it, and on
 * the module path, where JCuda does not find its own resource, it works at all.
 */
final class JCudaLibrary {
    private static final String TEMPORARY_FOLDER = "java.io.tmpdir";

    private JCudaLibrary() {}

    /** Starts {@link JCudaDriver}; returns JCuda's version. */
    static String load() {
        return load("JCudaDriver-", () -> JCudaDriver.setExceptionsEnabled(false));
    }

    /** Starts {@link JCublas2}; returns its version. */
    static String loadCublas() {
        return load("JCublas2-", () -> {
            JCublas2.setExceptionsEnabled(false);
            JCublas2.initialize();
        });
    }

    private static synchronized String load(String library, Runnable start) {
        String version = JCudaVersion.get();
        String before = System.getProperty(TEMPORARY_FOLDER, "");
        try {
            unpack(library + version);
            start.run();
        } finally {
            System.setProperty(TEMPORARY_FOLDER, before);
        }
        return version;
    }

    private static void unpack(String library) {
        String file = LibUtils.createLibraryFileName(LibUtils.createPlatformLibraryName(library));
        try (InputStream resource = JCudaLibrary.class.getClassLoader().getResourceAsStream("lib/" + file)) {
            if (resource != null) {
                Path path = NativeLibraries.unpack(file, resource.readAllBytes());
                System.setProperty(
                        TEMPORARY_FOLDER,
                        path.toAbsolutePath().resolveSibling("").toString());
            }
        } catch (IOException problem) {
            throw new UnsatisfiedLinkError(
                    file + " cannot be unpacked (set PATCHBAY_CACHE to a writable folder): " + problem);
        }
    }
}
