package dev.patchbay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.io.JsonText;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tables, heat maps, the progress bar and JSON. */
class DisplayTest {
    @Test
    void numbersThatAreNotFiniteAreNull() {
        var members = new LinkedHashMap<String, Object>();
        members.put("a", List.of(Double.NaN, Float.POSITIVE_INFINITY, 1.5, 1e-300, 7, 8L, true));
        members.put("b", Optional.empty());
        members.put("c", Optional.of("two\nlines"));
        assertEquals(
                "{\"a\":[null,null,1.5,1.0E-300,7,8,true],\"b\":null,\"c\":\"two\\nlines\"}", JsonText.line(members));
    }

    @Test
    void tablesAreAlignedAndKeepControlCharactersOut() {
        var lines =
                new Table("name", ">n").row("a", 10).row("long\u001b[31m", 5).lines();
        assertEquals(List.of("name             n", "a               10", "long\\u001b[31m   5"), lines);
    }

    @Test
    void aHeatMapShowsNumbersAndColoursOnlyWhereAsked() {
        var map = new HeatMap("t", "layer", List.of("0", "1"), "head", List.of("0", "1"), new double[][] {
            {1, 0}, {-0.5, Double.NaN}
        });
        assertEquals(
                List.of("t", "layer     0     1  head", "    0  1.00     ·", "    1 -0.50     ?"), map.lines(false));
        var coloured = map.lines(true);
        assertTrue(coloured.get(2).contains("\u001b["), coloured.get(2));
        assertEquals(
                map.lines(false).stream().map(String::strip).toList(),
                coloured.stream()
                        .map(line -> line.replaceAll("\u001b\\[[0-9;]*m", "").strip())
                        .toList());
    }

    @Test
    void aWideHeatMapShowsTenths() {
        var names = new ArrayList<String>();
        double[] row = new double[30];
        for (int column = 0; column < row.length; column++) {
            names.add(String.valueOf(column));
        }
        row[3] = 2;
        row[4] = -1;
        var lines = new HeatMap("t", "layer", List.of("0"), "pos", names, new double[][] {row}).lines(false);
        assertTrue(lines.get(2).contains("10 -5  ·"), lines.get(2));
        assertTrue(lines.get(3).contains("2.000"), lines.get(3));
        assertTrue(lines.stream().allMatch(line -> line.length() < 110));
    }

    @Test
    void theBarGrowsFromNothingToAll() {
        assertEquals("▕" + " ".repeat(30) + "▏", Progress.bar(0));
        assertEquals("▕" + "█".repeat(30) + "▏", Progress.bar(1));
        assertEquals("▕" + "█".repeat(15) + " ".repeat(15) + "▏", Progress.bar(0.5));
        for (double share = 0; share <= 1; share += 0.001) {
            assertEquals(32, Progress.bar(share).length());
        }
    }

    @Test
    void theBarIsDrawnOnATerminalAndRemoved() throws InterruptedException {
        var err = new StringWriter();
        try (var progress = new Progress("sweep", new PrintWriter(err), true, () -> false)) {
            Thread.sleep(120);
            progress.done(50, 100);
        }
        assertTrue(err.toString().contains("50 of 100"), err.toString());
        assertTrue(err.toString().endsWith("\r\u001b[K"), err.toString());
        var quiet = new StringWriter();
        try (var progress = new Progress("sweep", new PrintWriter(quiet), false, () -> false)) {
            progress.done(50, 100);
        }
        assertEquals("", quiet.toString());
    }
}
