package dev.patchbay.bench.gpu;

import dev.patchbay.bench.gpu.StageReport.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Small tests under NVIDIA's compute-sanitizer. A tool that is not there, refuses the device or does not end in time has not
 * run, which is no failure; one that finds something is.
 */
record Sanitizer(String device, Path out) {
    private static final String PROGRAM = "compute-sanitizer";
    private static final List<String> TOOLKIT = List.of("/usr/local/cuda/bin", "/usr/local/cuda/compute-sanitizer");
    private static final List<String> TOOLS = List.of("memcheck", "racecheck", "synccheck", "initcheck");
    private static final int FOUND = 86;
    private static final Pattern SUMMARY = Pattern.compile("(?:ERROR|RACECHECK) SUMMARY: (\\d+)");

    /** One tool's outcome. */
    private record Outcome(String tool, State state, String what) {}

    StageReport run(Stage stage) {
        Optional<Path> program = Stream.concat(
                        Arrays.stream(Optional.ofNullable(System.getenv("PATH"))
                                .orElse("")
                                .split(":", -1)),
                        TOOLKIT.stream())
                .map(folder -> Path.of(folder, PROGRAM))
                .filter(Files::isExecutable)
                .findFirst();
        if (program.isEmpty()) {
            return StageReport.plain(
                    stage.label(),
                    device,
                    State.NOT_RUN,
                    PROGRAM + " is not on PATH, nor in " + String.join(", ", TOOLKIT),
                    List.of());
        }
        var suite = stage.suites().getFirst();
        long each = stage.seconds(device) / TOOLS.size();
        var outcomes = new ArrayList<Outcome>();
        for (String tool : TOOLS) {
            outcomes.add(run(program.get(), tool, each, suite));
        }
        State state =
                has(outcomes, State.FAILED) ? State.FAILED : has(outcomes, State.PASSED) ? State.PASSED : State.NOT_RUN;
        return new StageReport(
                stage.label(),
                device,
                "",
                state,
                0,
                String.join(
                        ", ",
                        outcomes.stream()
                                .map(outcome ->
                                        outcome.tool() + " " + outcome.state().label())
                                .toList()),
                outcomes.stream()
                        .filter(outcome -> outcome.state() == State.FAILED)
                        .map(outcome -> outcome.tool() + ": " + outcome.what())
                        .toList(),
                List.of("tool", "outcome", "what it said"),
                outcomes.stream()
                        .map(outcome -> List.of(outcome.tool(), outcome.state().label(), outcome.what()))
                        .toList());
    }

    private static boolean has(List<Outcome> outcomes, State state) {
        return outcomes.stream().anyMatch(outcome -> outcome.state() == state);
    }

    private Outcome run(Path program, String tool, long seconds, Stage.Suite suite) {
        try {
            var file = out.resolve("sanitizer-" + tool + ".child.json");
            Files.deleteIfExists(file);
            var child = new Child(
                    Path.of(suite.module()).toAbsolutePath(), out.resolve("sanitizer-" + tool + ".log"), seconds);
            var arguments = new ArrayList<>(List.of(device, file.toString()));
            arguments.addAll(suite.tests());
            var command = new ArrayList<>(List.of(
                    program.toString(),
                    "--tool",
                    tool,
                    "--error-exitcode",
                    String.valueOf(FOUND),
                    "--report-api-errors",
                    "no"));
            command.addAll(Child.java(device, TestRun.class, arguments));
            var ended = child.run(command);
            if (ended.late()) {
                return new Outcome(tool, State.NOT_RUN, "it did not end within " + seconds + " s");
            }
            if (!Files.exists(file)) {
                return new Outcome(tool, State.NOT_RUN, child.lastWords());
            }
            var tests = StageReport.read(file);
            if (tests.rows().isEmpty()) {
                return new Outcome(tool, State.NOT_RUN, "no test could start: " + String.join(" ", tests.notes()));
            }
            var summary = SUMMARY.matcher(child.output());
            if (!summary.find()) {
                return new Outcome(tool, State.NOT_RUN, "it printed no summary: " + child.lastWords());
            }
            boolean clean = summary.group(1).equals("0") && ended.status() != FOUND;
            boolean passed = clean && tests.state() == State.PASSED;
            return new Outcome(
                    tool,
                    passed ? State.PASSED : State.FAILED,
                    clean ? tests.summary() + " " + String.join(" ", tests.notes()) : child.lastWords());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
