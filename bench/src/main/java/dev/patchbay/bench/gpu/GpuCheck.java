package dev.patchbay.bench.gpu;

import dev.patchbay.bench.gpu.Stage.Suite;
import dev.patchbay.bench.gpu.StageReport.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Checks a device in stages, each in processes of its own. A stage writes its report when it ends; a later start with the same
 * folder, device and build goes on behind the reports that are there. Exit status 1: a stage failed; 2: bad arguments.
 */
public final class GpuCheck {
    private static final String USAGE =
            "usage: GpuCheck DEVICE OUT_DIR [--stage NAME,NAME...] [--report FILE_WITHOUT_ENDING]";

    private final String device;
    private final Path out;
    private final String build;

    private GpuCheck(String device, Path out, String build) {
        this.device = device;
        this.out = out;
        this.build = build;
    }

    /** See {@link #USAGE}; runs in the root of a checkout. */
    public static void main(String[] arguments) throws IOException {
        try {
            System.exit(check(arguments) ? 0 : 1);
        } catch (IllegalArgumentException wrong) {
            System.err.println("gpu-check: " + wrong.getMessage());
            System.exit(2);
        }
    }

    private static boolean check(String[] arguments) throws IOException {
        if (arguments.length < 2 || arguments.length % 2 != 0) {
            throw new IllegalArgumentException(USAGE);
        }
        List<Stage> stages = List.of(Stage.values());
        Path report = null;
        for (int i = 2; i < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--stage" ->
                    stages = Arrays.stream(arguments[i + 1].split(",", -1))
                            .map(Stage::of)
                            .toList();
                case "--report" -> report = Path.of(arguments[i + 1]);
                default -> throw new IllegalArgumentException(USAGE);
            }
        }
        if (!Files.isDirectory(Path.of("model/src/test/resources/golden"))) {
            throw new IllegalArgumentException("it runs in the root of a checkout, where the golden files are");
        }
        var out = Files.createDirectories(Path.of(arguments[1]).toAbsolutePath());
        var check = new GpuCheck(arguments[0], out, System.getProperty("patchbay.build", "unknown"));
        var reports = new ArrayList<StageReport>();
        for (Stage stage : stages) {
            reports.add(check.report(stage));
        }
        boolean passed = reports.stream().allMatch(each -> each.state() != State.FAILED);
        Summary.write(report == null ? out.resolve("summary") : report, check.device, check.build, reports);
        System.out.println(passed ? "gpu-check: passed" : "gpu-check: FAILED");
        return passed;
    }

    /** The report of a stage, which is run where there is none of this device and build. */
    private StageReport report(Stage stage) {
        var file = out.resolve(stage.label() + ".json");
        if (Files.exists(file)) {
            var known = StageReport.read(file);
            if (known.device().equals(device) && known.build().equals(build)) {
                print(known, " (reported before)");
                return known;
            }
        }
        System.out.printf("%-10s is running%n", stage.label());
        long begin = System.nanoTime();
        StageReport found;
        try {
            found = run(stage);
        } catch (RuntimeException failure) {
            found = StageReport.plain(stage.label(), device, State.FAILED, failure.toString(), List.of());
        }
        found = found.of(stage.label(), device, build, (System.nanoTime() - begin) / 1e9);
        found.write(file);
        print(found, "");
        return found;
    }

    private void print(StageReport report, String more) {
        System.out.printf(
                Locale.ROOT,
                "%-10s %-8s %6.1f s  %s%s%n",
                report.stage(),
                report.state() == State.FAILED ? "FAILED" : report.state().label(),
                report.seconds(),
                report.summary(),
                more);
        if (report.state() == State.FAILED) {
            report.notes().forEach(note -> System.out.println("    " + note));
        }
    }

    private StageReport run(Stage stage) {
        return switch (stage) {
            case CONTRACT, GOLDEN -> tests(stage);
            case SANITIZER -> new Sanitizer(device, out).run(stage);
            case DEVICE, SPEED, SWEEP -> {
                var program = switch (stage) {
                    case DEVICE -> DeviceFacts.class;
                    case SPEED -> SpeedRun.class;
                    default -> SweepRun.class;
                };
                yield child(stage.label(), stage.seconds(device), Path.of(""), program, List.of());
            }
        };
    }

    private StageReport tests(Stage stage) {
        long end = System.nanoTime() + stage.seconds(device) * 1_000_000_000;
        var parts = new ArrayList<StageReport>();
        for (Suite suite : stage.suites()) {
            long left = Math.max(1, (end - System.nanoTime()) / 1_000_000_000);
            parts.add(child(
                    stage.label() + "-" + suite.module(), left, Path.of(suite.module()), TestRun.class, suite.tests()));
        }
        return merged(parts);
    }

    private StageReport merged(List<StageReport> parts) {
        return new StageReport(
                "",
                device,
                build,
                parts.stream().allMatch(part -> part.state() == State.PASSED) ? State.PASSED : State.FAILED,
                0,
                String.join("; ", parts.stream().map(StageReport::summary).toList()),
                parts.stream().flatMap(part -> part.notes().stream()).toList(),
                parts.stream()
                        .map(StageReport::columns)
                        .filter(columns -> !columns.isEmpty())
                        .findFirst()
                        .orElse(List.of()),
                parts.stream().flatMap(part -> part.rows().stream()).toList());
    }

    /** The report that a program writes, or one that says why there is none. */
    private StageReport child(String name, long seconds, Path folder, Class<?> program, List<String> more) {
        try {
            var file = out.resolve(name + ".child.json");
            Files.deleteIfExists(file);
            var child = new Child(folder.toAbsolutePath(), out.resolve(name + ".log"), seconds);
            var arguments = new ArrayList<>(List.of(device, file.toString()));
            arguments.addAll(more);
            var ended = child.run(Child.java(device, program, arguments));
            if (ended.status() == 0 && Files.exists(file)) {
                return StageReport.read(file);
            }
            String why = ended.late() ? "took longer than " + seconds + " s" : "ended with status " + ended.status();
            return StageReport.plain(name, device, State.FAILED, name + " " + why, List.of(child.lastWords()));
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }
}
