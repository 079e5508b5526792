package dev.patchbay.bindings;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.bindings.NativeLibraries.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesTest {
    private static final byte[] CONTENT = "not really a library".getBytes(StandardCharsets.UTF_8);

    @Test
    void anAbsenceCarriesTheLoadersOwnReason(@TempDir Path folder) throws IOException {
        Outcome missing = NativeLibraries.open("libno_such_thing.so.9");
        assertTrue(reason(missing).contains("libno_such_thing.so.9: cannot open shared object file"), reason(missing));
        Path broken = Files.write(folder.resolve("libbroken.so"), CONTENT);
        Outcome refused = NativeLibraries.open(broken.toString());
        assertTrue(reason(refused).contains("file too short") || reason(refused).contains("invalid ELF header"));
    }

    @Test
    void aLibraryThatIsThereFindsItsSymbolsAndOnlyThose() {
        Outcome.Opened library = assertInstanceOf(Outcome.Opened.class, NativeLibraries.open("libm.so.6"));
        assertTrue(library.symbols().find("cos").isPresent());
        assertTrue(library.symbols().find("pb_cpu_create").isEmpty());
    }

    @Test
    void aPathThatIsAskedForDecides(@TempDir Path empty) {
        System.setProperty(NativeLibraries.NATIVE_PATH, empty.toString());
        try {
            String reason = reason(NativeLibraries.openOurs("patchbay_cpu"));
            assertTrue(reason.startsWith(empty.resolve("libpatchbay_cpu.so") + ": "), reason);
        } finally {
            System.clearProperty(NativeLibraries.NATIVE_PATH);
        }
    }

    @Test
    void aLibraryOfNoOnesIsAbsentWithBothReasons() {
        String reason = reason(NativeLibraries.openOurs("patchbay_nothing"));
        assertTrue(reason.startsWith("this build holds no libpatchbay_nothing.so; "), reason);
        assertTrue(reason.contains("cannot open shared object file"), reason);
    }

    @Test
    void anotherVersionOfTheBorderIsRefusedInWords() {
        Outcome.Opened library = new Outcome.Opened(_ -> Optional.empty(), "/somewhere/lib.so");
        assertSame(library, CpuLoader.checkVersion(library, CpuLoader.ABI_VERSION));
        String reason = reason(CpuLoader.checkVersion(library, 7));
        assertTrue(reason.contains("/somewhere/lib.so speaks version 7"), reason);
    }

    @Test
    void unpackingPutsTheContentInPlaceAndLeavesNothingElse(@TempDir Path cache) throws IOException {
        Path unpacked = UnpackedLibrary.unpack("lib.so", CONTENT, cache);
        assertArrayEquals(CONTENT, Files.readAllBytes(unpacked));
        assertTrue(unpacked.startsWith(cache));
        try (Stream<Path> files = Files.list(unpacked.getParent())) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aCorruptedFileInTheCacheIsReplaced(@TempDir Path cache) throws IOException {
        Path unpacked = UnpackedLibrary.unpack("lib.so", CONTENT, cache);
        Files.write(unpacked, new byte[] {1});
        assertEquals(unpacked, UnpackedLibrary.unpack("lib.so", CONTENT, cache));
        assertArrayEquals(CONTENT, Files.readAllBytes(unpacked));
    }

    @Test
    void aCacheThatCannotBeMadeIsAnError(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("file"), CONTENT);
        assertThrows(IOException.class, () -> UnpackedLibrary.unpack("lib.so", CONTENT, file));
    }

    private static String reason(Outcome outcome) {
        return assertInstanceOf(Outcome.Absent.class, outcome).reason();
    }
}
