package dev.patchbay.bench.gpu;

import dev.patchbay.bench.gpu.StageReport.State;
import dev.patchbay.device.DeviceException;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs JUnit tests in this process and writes a report. The tests choose the device by the system property
 * {@code patchbay.test.devices}.
 */
final class TestRun implements TestExecutionListener {
    private static final int MOST_FAILURES = 20;

    private static final class Count {
        int passed;
        int failed;
        int skipped;
        long nanoseconds;
    }

    private final Map<String, Count> classes = new LinkedHashMap<>();
    private final Map<String, Long> begun = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    private TestRun() {}

    /** Arguments: the device, the report to write, and classes or {@code class#method}s. */
    public static void main(String[] arguments) {
        String device = arguments[0];
        var run = new TestRun();
        // What tests print belongs to the log, and a device that stays open keeps its context alive from test to test.
        var log = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        try (var held = Devices.open(DeviceOptions.of(device))) {
            log.println("tests on " + held.name() + ": " + held.description());
            var selectors =
                    Arrays.stream(arguments).skip(2).map(TestRun::selector).toList();
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(selectors)
                                    .build(),
                            run);
            run.report(device).write(Path.of(arguments[1]));
        } catch (DeviceException lost) {
            run.failures.addFirst(device + ": " + lost.getMessage());
            run.report(device).write(Path.of(arguments[1]));
        }
    }

    private static DiscoverySelector selector(String name) {
        return name.contains("#") ? DiscoverySelectors.selectMethod(name) : DiscoverySelectors.selectClass(name);
    }

    private StageReport report(String device) {
        int passed = classes.values().stream().mapToInt(count -> count.passed).sum();
        int skipped = classes.values().stream().mapToInt(count -> count.skipped).sum();
        return new StageReport(
                "tests",
                device,
                "",
                failures.isEmpty() && passed > 0 ? State.PASSED : State.FAILED,
                0,
                "%d tests passed, %d failed, %d skipped".formatted(passed, failures.size(), skipped),
                failures.stream().limit(MOST_FAILURES).toList(),
                List.of("tests", "passed", "failed", "skipped", "seconds"),
                classes.entrySet().stream()
                        .map(entry -> List.of(
                                entry.getKey(),
                                String.valueOf(entry.getValue().passed),
                                String.valueOf(entry.getValue().failed),
                                String.valueOf(entry.getValue().skipped),
                                String.format(Locale.ROOT, "%.1f", entry.getValue().nanoseconds / 1e9)))
                        .toList());
    }

    private Count count(TestIdentifier test) {
        String name = test.getSource()
                .map(source -> switch (source) {
                    case MethodSource method -> method.getClassName();
                    case ClassSource type -> type.getClassName();
                    default -> source.toString();
                })
                .orElse("engine");
        return classes.computeIfAbsent(name.replace("dev.patchbay.", ""), _ -> new Count());
    }

    private static String name(TestIdentifier test) {
        String source = test.getSource()
                .map(place -> place instanceof MethodSource method
                        ? method.getClassName() + "." + method.getMethodName() + " "
                        : "")
                .orElse("");
        return source + test.getDisplayName();
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        begun.put(test.getUniqueId(), System.nanoTime());
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        count(test).skipped++;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        long began = begun.getOrDefault(test.getUniqueId(), System.nanoTime());
        boolean failed = result.getStatus() == TestExecutionResult.Status.FAILED;
        if (!test.isTest() && !failed) {
            return;
        }
        var count = count(test);
        count.nanoseconds += System.nanoTime() - began;
        switch (result.getStatus()) {
            case SUCCESSFUL -> count.passed++;
            case ABORTED -> count.skipped++;
            case FAILED -> {
                count.failed++;
                failures.add(name(test) + ": "
                        + result.getThrowable().map(Throwable::toString).orElse("failed"));
                result.getThrowable().ifPresent(thrown -> thrown.printStackTrace(System.err));
            }
        }
    }
}
