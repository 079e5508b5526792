package dev.patchbay.bindings.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The kernel image of this build. */
final class CudaImage {
    private static final String RESOURCE = "/dev/patchbay/bindings/kernels/patchbay.fatbin";
    /** Ends in a NUL, as an image in text must. */
    private static final String MARKER = "patchbay: the kernels of the emulated driver\0";

    private CudaImage() {}

    /** Whether this build holds one: it does where {@code nvcc} was there. */
    static boolean isPresent() {
        return CudaImage.class.getResource(RESOURCE) != null;
    }

    /** The image, or empty where this build holds none. */
    static Optional<byte[]> load() {
        try (InputStream resource = CudaImage.class.getResourceAsStream(RESOURCE)) {
            return resource == null ? Optional.empty() : Optional.of(resource.readAllBytes());
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the kernel image of this build cannot be read", unreadable);
        }
    }

    /** What stands for an image where the emulated driver brings the kernels itself. */
    static byte[] marker() {
        return MARKER.getBytes(StandardCharsets.US_ASCII);
    }
}
