package dev.patchbay.bindings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs test classes in a process that was started for it; its last line says how many passed, and all else is failures. */
public final class TestProcess implements TestExecutionListener {
    private final List<String> failures = new ArrayList<>();
    private int passed;

    private TestProcess() {}

    /** Arguments: names of classes. */
    public static void main(String[] classes) {
        var run = new TestProcess();
        var request = LauncherDiscoveryRequestBuilder.request()
                .selectors(Arrays.stream(classes)
                        .map(DiscoverySelectors::selectClass)
                        .toList());
        LauncherFactory.create().execute(request.build(), run);
        run.failures.forEach(System.out::println);
        System.out.println("passed " + run.passed);
        System.exit(run.failures.isEmpty() ? 0 : 1);
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        failures.add(test.getDisplayName() + " was skipped: " + reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
            failures.add(test.getUniqueId() + ": " + result);
            result.getThrowable().ifPresent(thrown -> thrown.printStackTrace(System.err));
        } else if (test.isTest()) {
            passed++;
        }
    }
}
