package dev.patchbay.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A native library of our jar, unpacked to {@code PATCHBAY_CACHE/<version>-<sha256>/} (default {@code
 * ~/.cache/patchbay}). It is written to a temporary file beside its place and moved there in one step, so processes that
 * start together never see half a file; a file already there is used only if its hash is right. The system's temporary
 * folder is never used: it may forbid execution, and it leaks.
 */
final class UnpackedLibrary {
    /** System property and environment variable that names the cache folder. */
    static final String CACHE = "PATCHBAY_CACHE";

    private static final String FOLDER = "natives/linux-x86_64/";

    private UnpackedLibrary() {}

    /** What came of it. */
    sealed interface Result {
        record Unpacked(Path path) implements Result {}

        record Absent(String reason) implements Result {}
    }

    static Result unpack(String file) {
        try (InputStream resource = UnpackedLibrary.class.getResourceAsStream(FOLDER + file)) {
            return resource == null
                    ? new Result.Absent("this build holds no " + file)
                    : new Result.Unpacked(unpack(file, resource.readAllBytes(), cacheFolder()));
        } catch (IOException | UnsupportedOperationException problem) {
            return new Result.Absent(file + " cannot be unpacked (set " + CACHE + " to a writable folder): " + problem);
        }
    }

    static Path unpack(String file, byte[] content, Path cache) throws IOException {
        byte[] hash = sha256(content);
        String name = version() + "-" + HexFormat.of().formatHex(hash);
        Path folder = Files.createDirectories(cache.resolve(name));
        Path target = folder.resolve(file);
        if (holds(target, hash)) {
            return target;
        }
        Path partial = Files.createTempFile(folder, file, ".partial");
        try {
            Files.write(partial, content);
            move(partial, target);
        } finally {
            Files.deleteIfExists(partial);
        }
        if (!holds(target, hash)) {
            throw new IOException(target + " does not hold what was written to it");
        }
        return target;
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException unsupported) {
            throw new IOException("the file system of " + to + " cannot move a file in one step", unsupported);
        }
    }

    private static boolean holds(Path file, byte[] hash) throws IOException {
        return Files.isRegularFile(file) && Arrays.equals(sha256(Files.readAllBytes(file)), hash);
    }

    static Path cacheFolder() {
        return NativeLibraries.setting(CACHE)
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home", "."), ".cache", "patchbay"));
    }

    private static String version() {
        Optional<String> packaged =
                Optional.ofNullable(UnpackedLibrary.class.getPackage().getImplementationVersion());
        return packaged.orElse("development");
    }

    private static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java platform has SHA-256", impossible);
        }
    }
}
