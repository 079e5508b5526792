package dev.patchbay.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.store.RunStore;
import dev.patchbay.analysis.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sweeps in processes of their own that are killed or stopped, and go on: nothing is lost, nothing is there twice. Every third
 * kill comes at any moment of a process's life, the others while it has the store open.
 */
class KillTest {
    private static final int KILLS = Integer.getInteger("patchbay.kills", 20);
    /** Time between commits, so short that kills fall between, in and after many of them. */
    private static final int COMMIT_MILLIS = 20;

    private static final List<String> RESULTS = List.of("effects.csv", "effects.safetensors", "summary.json");

    @TempDir
    private Path folder;

    private Path pairs = Path.of("");
    private String axes = "";

    private void sweepOf(int count, String by) {
        pairs = folder.resolve("pairs.jsonl");
        axes = by;
        CommandRun.of("data", "ioi", "--n", count, "--model", "zoo:ioi", "--out", pairs)
                .succeeds();
    }

    private List<String> sweep(String out) {
        return List.of(
                "sweep",
                "zoo:ioi",
                "--pairs",
                pairs.toString(),
                "--site",
                "z",
                "--by",
                axes,
                "--mix-templates",
                "--no-skip",
                "--threads",
                "1",
                "--out",
                out,
                "--resume");
    }

    /** A sweep into {@code place/run}: the same command line everywhere, since results repeat it. */
    private Process start(Path place) throws IOException {
        var command = new ArrayList<>(List.of(
                LauncherTest.java(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "-Dpatchbay.commit.millis=" + COMMIT_MILLIS,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                LauncherTest.classPath(),
                "dev.patchbay.cli.Main"));
        command.addAll(sweep("run"));
        return new ProcessBuilder(command)
                .directory(place.toFile())
                .redirectOutput(place.resolve("out").toFile())
                .redirectError(place.resolve("err").toFile())
                .start();
    }

    private void ends(Process process, Path place, int code) throws IOException, InterruptedException {
        assertTrue(process.waitFor(3, TimeUnit.MINUTES), "the sweep did not end");
        assertEquals(code, process.exitValue(), Files.readString(place.resolve("err")));
    }

    private static void assertSameResults(Path expected, Path found) throws IOException {
        for (String name : RESULTS) {
            assertArrayEquals(
                    Files.readAllBytes(expected.resolve("run").resolve(name)),
                    Files.readAllBytes(found.resolve("run").resolve(name)),
                    name);
        }
    }

    /** Units that a killed run has committed; none where it was killed before it made its tables. */
    private static List<String> committed(Path place) {
        try {
            return RunStore.isIn(place.resolve("run")) ? RunStore.committed(place.resolve("run")) : List.of();
        } catch (StoreException young) {
            assertTrue(String.valueOf(young.getMessage()).contains("no such table"), young::toString);
            return List.of();
        }
    }

    @Test
    void aKilledSweepGoesOnAndEndsWithTheSameBytes() throws IOException, InterruptedException {
        sweepOf(32, "layer,head");
        var whole = Files.createDirectory(folder.resolve("whole"));
        long begin = System.nanoTime();
        var undisturbed = start(whole);
        long opened = opened(undisturbed, whole);
        ends(undisturbed, whole, 0);
        long ended = System.nanoTime();
        long life = (ended - begin) / 1_000_000;
        long writing = (ended - opened) / 1_000_000 + 1;
        var random = new Random(4);
        int killed = 0;
        int midway = 0;
        int runs = 0;
        while (killed < KILLS) {
            var place = Files.createDirectory(folder.resolve("run" + runs++));
            var before = new HashSet<String>();
            boolean done = false;
            while (!done) {
                var process = start(place);
                long patience = 180_000;
                if (killed < KILLS) {
                    boolean anyMoment = killed % 3 == 2;
                    if (!anyMoment) {
                        opened(process, place);
                    }
                    patience = random.nextLong(anyMoment ? life : writing);
                }
                done = process.waitFor(patience, TimeUnit.MILLISECONDS);
                if (!done) {
                    process.destroyForcibly().waitFor();
                    killed++;
                    var kept = committed(place);
                    assertTrue(kept.containsAll(before), "a committed unit was lost");
                    assertEquals(kept.size(), new HashSet<>(kept).size(), "a unit is there twice");
                    midway += kept.size() > before.size() ? 1 : 0;
                    before.addAll(kept);
                } else {
                    ends(process, place, 0);
                }
            }
            assertTrue(committed(place).containsAll(before), "a committed unit was lost");
            assertSameResults(whole, place);
        }
        assertTrue(midway > 0 || KILLS < 20, "no kill came after a commit");
        System.out.printf(
                "kill test: %d kills in %d runs (%d after new commits); an undisturbed run takes %d ms, %d of them with the"
                        + " store open%n",
                killed, runs, midway, life, writing);
    }

    /** Waits until a process has its store's lock, or has ended; the time then. */
    private static long opened(Process process, Path place) throws IOException, InterruptedException {
        var lock = place.resolve("run").resolve(RunStore.LOCK);
        String own = Long.toString(process.pid());
        while (process.isAlive()
                && !(Files.exists(lock) && Files.readString(lock).equals(own))) {
            Thread.sleep(2);
        }
        return System.nanoTime();
    }

    @Test
    void aStoppedSweepSaysHowToGoOn() throws IOException, InterruptedException {
        sweepOf(8, "layer,head,pos");
        var whole = Files.createDirectory(folder.resolve("whole"));
        ends(start(whole), whole, 0);
        var place = Files.createDirectory(folder.resolve("stopped"));
        var process = start(place);
        while (committed(place).isEmpty()) {
            assertTrue(process.isAlive(), "the sweep ended before anything was committed");
            Thread.sleep(20);
        }
        // A second writer is refused while the first one is there, here held still.
        signal(process, "STOP");
        var second = CommandRun.of(sweep(place.resolve("run").toString()).toArray());
        second.failsWith(3, "another process (" + process.pid() + ")");
        signal(process, "CONT");
        long begin = System.nanoTime();
        process.destroy();
        ends(process, place, 4);
        assertTrue(System.nanoTime() - begin < 10_000_000_000L, "it took more than 10 s");
        var err = Files.readString(place.resolve("err"));
        assertEquals(1, err.lines().count(), err);
        assertTrue(err.contains("--resume"), err);
        ends(start(place), place, 0);
        assertSameResults(whole, place);
    }

    private static void signal(Process process, String name) throws IOException, InterruptedException {
        var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertEquals(0, kill.waitFor());
    }
}
