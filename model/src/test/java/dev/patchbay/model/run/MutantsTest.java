package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.checkpoint.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** One-line faults of the engine, planted one at a time: the golden families see every one. */
class MutantsTest {
    /** Faults of {@code make test}, from all parts of the list: the others wait for {@code make mutants}. */
    private static final int EVERY = 16;

    @TempDir
    private Path scratch;

    @Test
    void everyFaultHasItsLineAndItsFamilies() throws IOException {
        var names = new HashSet<String>();
        for (var fault : Fault.all()) {
            assertTrue(names.add(fault.name()), fault.name());
            assertTrue(!fault.source().equals(Files.readString(fault.path())), fault.name());
            for (var family : fault.families()) {
                assertTrue(Files.isDirectory(Golden.path("families", family)), fault + ": " + family);
            }
        }
    }

    @Test
    void someFaultsAreSeen() throws Exception {
        var faults = Fault.all().stream().filter(fault -> !fault.isNative()).toList();
        for (int i = 0; i < faults.size(); i += EVERY) {
            var fault = faults.get(i);
            assertEquals(
                    List.of(),
                    wrong(fault, fault.run(Files.createDirectory(scratch.resolve("fault" + i))), new StringBuilder()));
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "patchbay.mutants", matches = "all", disabledReason = "make mutants runs it")
    void allFaultsAreSeen() throws Exception {
        var wrong = new ArrayList<String>();
        var table = new StringBuilder(String.format("%n%-58s %-22s %9s  %s%n", "fault", "family", "error", "array"));
        var faults = Fault.all();
        long real = faults.stream().filter(fault -> fault.reason().isEmpty()).count();
        for (int i = 0; i < faults.size(); i++) {
            var fault = faults.get(i);
            wrong.addAll(wrong(fault, fault.run(Files.createDirectory(scratch.resolve("fault" + i))), table));
        }
        table.append(String.format(
                "%d faults, %d of them not seen where they should be; %d changes that are none%n",
                real, wrong.size(), faults.size() - real));
        System.out.print(table);
        assertAll(wrong.stream().map(text -> () -> assertEquals("", text)));
    }

    /** The families that do not see a fault, or see one that is none; adds a line for each family to a table. */
    private static List<String> wrong(Fault fault, List<String> found, StringBuilder table) {
        assertEquals(fault.families().size(), found.size(), fault + ": " + found);
        var wrong = new ArrayList<String>();
        for (int i = 0; i < found.size(); i++) {
            var family = fault.families().get(i);
            double error = Double.parseDouble(found.get(i).split(" ", 2)[0]);
            var array = found.get(i).split(" ", 2)[1];
            boolean seen = error > GoldenFamily.TOLERANCE;
            if (seen != fault.reason().isEmpty()) {
                wrong.add(fault + ": " + family + " is off by " + error);
            }
            table.append(String.format(
                    Locale.ROOT,
                    "%-58s %-22s %9.1e  %s%n",
                    fault,
                    family,
                    error,
                    seen ? array : fault.reason().isEmpty() ? "SURVIVES" : "none: " + fault.reason()));
        }
        return wrong;
    }
}
