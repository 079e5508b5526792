package dev.patchbay.bench.border;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks of this package and holds them against their bars. Every benchmark runs in several virtual machines,
 * the benchmarks in turn, so that a busy time of the machine is shared by all. A figure is the median over the machines of
 * each one's median over short batches of calls: of a mean, other users of the machine would make what they like.
 */
public final class BorderBench {
    private static final int ROUNDS = 5;

    private BorderBench() {}

    /**
     * One line of the table, in nanoseconds a call.
     *
     * @param time median over the virtual machines
     * @param error half of the way from the lowest of them to the highest, the farthest machine on either side left out
     * @param best of the virtual machines
     * @param bar the most it should be, where there is one
     */
    private record Figure(String name, double time, double error, double best, OptionalDouble bar) {
        static Figure of(Map<String, List<Double>> medians, String benchmark, String name) {
            double[] times = medians.getOrDefault(benchmark, List.of()).stream()
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
            if (times.length != ROUNDS) {
                throw new IllegalStateException(benchmark + " ran " + times.length + " times of " + ROUNDS);
            }
            double error = (times[ROUNDS - 2] - times[1]) / 2;
            return new Figure(name, times[ROUNDS / 2], error, times[0], OptionalDouble.empty());
        }

        Figure minus(Figure other, String newName) {
            return new Figure(newName, time - other.time, Math.hypot(error, other.error), best - other.best, bar);
        }

        Figure within(double most) {
            return new Figure(name, time, error, best, OptionalDouble.of(most));
        }

        /** In words; what the error bar leaves open is not held. */
        String verdict() {
            if (bar.isEmpty()) {
                return "";
            }
            double most = bar.getAsDouble();
            String outcome = time + error <= most ? "held" : time - error > most ? "NOT HELD" : "too close to say";
            return String.format(Locale.ROOT, "at most %.0f: %s", most, outcome);
        }

        void print() {
            System.out.printf(Locale.ROOT, "%-56s %8.1f ± %5.1f %8.1f   %s%n", name, time, error, best, verdict());
        }

        void write(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("name", name);
            json.writeNumberField("nanoseconds", time);
            json.writeNumberField("error", error);
            json.writeNumberField("best", best);
            if (bar.isPresent()) {
                json.writeNumberField("bar", bar.getAsDouble());
                json.writeStringField("verdict", verdict());
            }
            json.writeEndObject();
        }
    }

    /** Arguments: the library of the empty driver, and the JSON file to write. */
    public static void main(String[] arguments) throws RunnerException, IOException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("expected the empty driver and the file to write");
        }
        System.out.println("border: nine benchmarks in turn, " + ROUNDS + " times: about five minutes");
        var options = new OptionsBuilder()
                .include("\\.bench\\.border\\.")
                .jvmArgs(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xmx512m",
                        "-D" + EmptyDriver.PROPERTY + "=" + new File(arguments[0]).getAbsolutePath())
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .build();
        Map<String, List<Double>> medians = new HashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (RunResult result : new Runner(options).run()) {
                String benchmark = result.getParams().getBenchmark();
                medians.computeIfAbsent(benchmark.substring(benchmark.lastIndexOf('.') + 1), _ -> new ArrayList<>())
                        .add(result.getPrimaryResult().getStatistics().getPercentile(50));
            }
        }
        var figures = figures(medians);
        System.out.printf("%-56s %16s %8s%n", "ns a call", "median", "best");
        figures.forEach(Figure::print);
        double load = load();
        System.out.printf(
                Locale.ROOT,
                "load of the machine at the end: %.1f on %d processors; one is ours%n",
                load,
                Runtime.getRuntime().availableProcessors());
        write(figures, load, new File(arguments[1]));
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private static List<Figure> figures(Map<String, List<Double>> results) {
        var fromC = Figure.of(results, "fromC", "an empty launch of 11 arguments, called from C");
        var downcall = Figure.of(results, "downcall", "  from Java, downcall alone");
        var packed = Figure.of(results, "packedDowncall", "  from Java, struct of 10 fields packed + downcall");
        var throughJCuda = Figure.of(results, "packedJCudaCall", "  through JCuda, struct packed + call");
        return List.of(
                fromC,
                downcall,
                packed,
                throughJCuda,
                packed.minus(fromC, "packing + downcall, less the call from C").within(30),
                throughJCuda.minus(fromC, "  through JCuda, less the call from C"),
                Figure.of(results, "checkedLaunch", "full checked launch, empty driver: scale")
                        .within(150),
                Figure.of(results, "checkedLaunchThroughJCuda", "  through JCuda"),
                Figure.of(results, "checkedLaunchesInTurn", "full checked launch, empty driver: four kinds in turn")
                        .within(150),
                Figure.of(results, "cpuOperation", "CPU operation on 16 elements: scale"));
    }

    private static void write(List<Figure> figures, double load, File file) throws IOException {
        try (var json =
                new JsonFactory().createGenerator(file, JsonEncoding.UTF8).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeStringField("java", Runtime.version().toString());
            json.writeNumberField("processors", Runtime.getRuntime().availableProcessors());
            json.writeNumberField("load", load);
            json.writeArrayFieldStart("figures");
            for (Figure figure : figures) {
                figure.write(json);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }
}
