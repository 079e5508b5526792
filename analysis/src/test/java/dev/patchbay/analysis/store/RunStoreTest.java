package dev.patchbay.analysis.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.data.IoiTask;
import dev.patchbay.analysis.results.Provenance;
import dev.patchbay.analysis.sweep.Axis;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.Method;
import dev.patchbay.analysis.sweep.Reference;
import dev.patchbay.analysis.sweep.SweepSpec;
import dev.patchbay.analysis.sweep.SweepUnit;
import dev.patchbay.model.InputException;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store keeps what it was given, and never gives anything else. */
class RunStoreTest {
    private static final int PAIRS = 40;

    @TempDir
    private Path folder;

    private static Provenance provenance(String digest, String commandLine) {
        return new Provenance("zoo:ioi", digest, "raw", "cpu", "", "exact", "p.jsonl", "0.1.0", commandLine);
    }

    private static Grid grid(long seed) {
        var zoo = Zoo.open("ioi");
        try {
            return Grid.of(
                    SweepSpec.at(Site.Z)
                            .by(Axis.LAYER, Axis.HEAD)
                            .method(new Method.Resample(new Reference.Clean(), 2))
                            .seed(seed)
                            .build(),
                    zoo.architecture(),
                    IoiTask.zoo(PAIRS, 5));
        } finally {
            zoo.tensors().close();
        }
    }

    private RunStore open() {
        return RunStore.open(folder.resolve("run"), grid(0), provenance("d", "first"));
    }

    /** The numbers of a unit are a function of where it is, so that a wrong row shows. */
    private static SweepUnit unit(int first, int pairs, int draw) {
        var random = new Random(first * 1000L + draw);
        return new SweepUnit(
                first,
                pairs,
                draw,
                random.doubles(pairs).toArray(),
                new double[0],
                random.doubles(pairs * 32L).toArray(),
                random.doubles(pairs * 32L).toArray());
    }

    private static void assertUnit(SweepUnit found) {
        var expected = unit(found.firstPair(), found.pairs(), found.draw());
        assertArrayEquals(expected.base(), found.base());
        assertArrayEquals(expected.patched(), found.patched());
        assertArrayEquals(expected.direct(), found.direct());
    }

    private static List<SweepUnit> known(RunStore store) {
        var units = new ArrayList<SweepUnit>();
        store.known().forEach(units::add);
        return units;
    }

    @Test
    void unitsComeBackAsTheyWereInTheOrderOfDraws() {
        double[] odd = {Double.NaN, -0.0, Double.NEGATIVE_INFINITY, Double.MIN_VALUE};
        var patched = new double[32];
        System.arraycopy(odd, 0, patched, 0, 4);
        try (var store = open()) {
            store.finished(unit(0, 3, 0));
            store.finished(unit(0, 3, 1));
            store.finished(new SweepUnit(3, 1, 0, new double[] {-0.0}, new double[0], patched, patched));
            assertEquals(3, store.units());
        }
        try (var store = RunStore.open(folder.resolve("run"), grid(0), provenance("d", "second"))) {
            assertEquals("first", store.provenance().commandLine());
            var units = known(store);
            assertEquals(
                    List.of(0, 3, 0), units.stream().map(SweepUnit::firstPair).toList());
            assertEquals(List.of(0, 0, 1), units.stream().map(SweepUnit::draw).toList());
            assertUnit(units.get(0));
            assertUnit(units.get(2));
            assertEquals(
                    Double.doubleToRawLongBits(-0.0),
                    Double.doubleToRawLongBits(units.get(1).base()[0]));
            assertArrayEquals(patched, units.get(1).patched());
        }
    }

    @Test
    void anotherSweepIsRefusedFieldByField() {
        try (var store = open()) {
            store.finished(unit(0, 1, 0));
        }
        var refused = assertThrows(
                InputException.class,
                () -> RunStore.open(folder.resolve("run"), grid(7), provenance("other", "first")));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("model_digest is other, was d"), message);
        assertTrue(message.contains("seed is 7, was 0"), message);
        assertFalse(message.contains("metric"), message);
        // The refusal keeps no lock.
        open().close();
    }

    @Test
    void aSecondWriterIsRefused() {
        var store = open();
        var refused = assertThrows(StoreException.class, this::open);
        assertTrue(String.valueOf(refused.getMessage()).contains("another run of this process"), refused::toString);
        store.finished(unit(0, 1, 0));
        store.close();
        store.close();
        assertThrows(IllegalStateException.class, store::units);
        open().close();
    }

    @Test
    void aRunThatFinishedNothingLeavesNothing() {
        open().close();
        assertFalse(Files.exists(folder.resolve("run")));
    }

    @Test
    void aFullDiskKeepsWhatWasCommitted() {
        var store = open();
        store.finished(unit(0, 1, 0));
        store.commit();
        store.limitPages(12);
        var full = assertThrows(StoreException.class, () -> {
            for (int pair = 1; pair < PAIRS; pair++) {
                store.finished(unit(pair, 1, 0));
            }
        });
        assertTrue(String.valueOf(full.getMessage()).contains("the disk is full"), full::toString);
        store.close();
        try (var again = open()) {
            var units = known(again);
            assertEquals(0, units.getFirst().firstPair());
            units.forEach(RunStoreTest::assertUnit);
        }
    }

    @Test
    void networkFileSystemsAreKnown() {
        for (String type : List.of("nfs4", "NFS", "cifs", "fuse.sshfs", "lustre")) {
            assertTrue(WriterLock.isNetwork(type), type);
        }
        for (String type : List.of("ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs", "apfs", "fuseblk")) {
            assertFalse(WriterLock.isNetwork(type), type);
        }
    }

    @Test
    void everyOtherFileIsRefused() throws IOException {
        var run = Files.createDirectory(folder.resolve("run"));
        Files.writeString(run.resolve(RunStore.DATABASE), "this is no database, however one looks at it".repeat(100));
        var refused = assertThrows(StoreException.class, this::open);
        assertTrue(String.valueOf(refused.getMessage()).contains("damaged"), refused::toString);
    }

    /** A store that was killed: some units are in the database, the last ones in the log. */
    private Path killed() throws IOException {
        var store = open();
        for (int pair = 0; pair < PAIRS; pair++) {
            store.finished(unit(pair, 1, 0));
            store.commit();
        }
        var copy = Files.createDirectory(folder.resolve("killed"));
        try (var files = Files.list(folder.resolve("run"))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName().toString()));
            }
        }
        store.close();
        return copy;
    }

    private Path damaged(Path killed, String name, byte[] content) throws IOException {
        var copy = folder.resolve("damaged");
        if (Files.isDirectory(copy)) {
            try (var files = Files.list(copy)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.createDirectories(copy);
        try (var files = Files.list(killed)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName().toString()));
            }
        }
        Files.write(copy.resolve(name), content);
        return copy;
    }

    /** Units that come back are right and are the first ones; otherwise the store says that it is damaged. */
    private static int survivors(Path run) {
        try (var store = RunStore.open(run, grid(0), provenance("d", "first"))) {
            var units = known(store);
            for (int pair = 0; pair < units.size(); pair++) {
                assertEquals(pair, units.get(pair).firstPair());
                assertUnit(units.get(pair));
            }
            return units.size();
        } catch (StoreException damaged) {
            assertTrue(
                    String.valueOf(damaged.getMessage()).matches(".*(damaged|is no run|another version).*"),
                    damaged::toString);
            return -1;
        }
    }

    @Test
    void aTornLogOpensAtItsLastCommit() throws IOException {
        var killed = killed();
        String name = RunStore.DATABASE + "-wal";
        byte[] log = Files.readAllBytes(killed.resolve(name));
        assertEquals(PAIRS, survivors(damaged(killed, name, log)));
        var random = new Random(1);
        int fewer = 0;
        for (int round = 0; round < 50; round++) {
            int length = random.nextInt(log.length);
            int left = survivors(damaged(killed, name, java.util.Arrays.copyOf(log, length)));
            fewer += left < PAIRS ? 1 : 0;
        }
        assertTrue(fewer > 40, fewer + " of 50 cuts lost something");
    }

    @Test
    void aFlippedBitInTheLogNeverGivesAWrongRow() throws IOException {
        var killed = killed();
        String name = RunStore.DATABASE + "-wal";
        byte[] log = Files.readAllBytes(killed.resolve(name));
        var random = new Random(2);
        int fewer = 0;
        for (int round = 0; round < 50; round++) {
            byte[] flipped = log.clone();
            flipped[random.nextInt(log.length)] ^= (byte) (1 << random.nextInt(8));
            fewer += survivors(damaged(killed, name, flipped)) < PAIRS ? 1 : 0;
        }
        assertTrue(fewer > 40, fewer + " of 50 flips lost something");
    }

    @Test
    void aFlippedBitInTheDatabaseNeverGivesAWrongRow() throws IOException {
        try (var store = open()) {
            for (int pair = 0; pair < PAIRS; pair++) {
                store.finished(unit(pair, 1, 0));
            }
        }
        byte[] database = Files.readAllBytes(folder.resolve("run").resolve(RunStore.DATABASE));
        var random = new Random(3);
        int noticed = 0;
        for (int round = 0; round < 50; round++) {
            byte[] flipped = database.clone();
            flipped[random.nextInt(database.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                noticed += survivors(damaged(folder.resolve("run"), RunStore.DATABASE, flipped)) < 0 ? 1 : 0;
            } catch (InputException otherwise) {
                // The flip was in the fingerprint, or in what says which version this is.
                noticed++;
            }
        }
        assertTrue(noticed > 15, noticed + " of 50 flips were noticed");
    }
}
