package dev.patchbay.cli;

import dev.patchbay.analysis.io.NamedTensors;
import dev.patchbay.analysis.metric.Metric;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.analysis.sweep.Method;
import dev.patchbay.analysis.sweep.Reference;
import dev.patchbay.model.InputException;
import dev.patchbay.model.program.Edit.Basis;
import dev.patchbay.model.program.Source;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** The options that say what a sweep writes and what it reads. */
final class MethodOptions {
    private static final Path HERE = Path.of("");

    @Option(
            names = "--method",
            paramLabel = "M",
            description =
                    "patch, zero, mean, mean-pos, resample, add, project-out or scale (default: ${DEFAULT-VALUE})")
    private String method = "patch";

    @Option(
            names = "--reference",
            paramLabel = "clean|corrupted|FILE",
            description = "prompts that mean, mean-pos and resample take values from (default: ${DEFAULT-VALUE})")
    private String reference = "clean";

    @Option(names = "--mean-skip-first", description = "mean: leave out the first position of every prompt")
    private boolean meanSkipFirst;

    @Option(names = "--draws", paramLabel = "D", description = "resample: permutations (default: ${DEFAULT-VALUE})")
    private int draws = 1;

    @Option(
            names = "--value",
            paramLabel = "NUMBER|FILE#name",
            description = "add: what is added; scale: the factor, a number")
    private Optional<String> value = Optional.empty();

    @Option(names = "--factor", paramLabel = "F", description = "add: factor of the value (default: ${DEFAULT-VALUE})")
    private float factor = 1;

    @Option(names = "--basis", paramLabel = "FILE#name", description = "project-out: directions, one a row")
    private Optional<String> basis = Optional.empty();

    @Option(
            names = "--metric",
            paramLabel = "M",
            description = "logit_diff, prob_diff, logit, log_prob, prob, rank, margin, kl or dot:FILE#name"
                    + " (default: ${DEFAULT-VALUE})")
    private String metric = "logit_diff";

    /** What is written. */
    Method method(Function<Path, PromptPairs> pairs) {
        refuseUnused();
        return switch (method) {
            case "patch" -> new Method.Patch();
            case "zero" -> new Method.Zero();
            case "mean" -> new Method.Mean(reference(pairs), meanSkipFirst);
            case "mean-pos" -> new Method.MeanByPosition(reference(pairs));
            case "resample" -> new Method.Resample(reference(pairs), draws);
            case "add" -> new Method.Add(finite(factor, "--factor"), added());
            case "scale" -> new Method.Scale(number(value.orElseThrow(() -> missing("--value NUMBER"))));
            case "project-out" ->
                new Method.ProjectOut(new Basis.Rows(rows(basis.orElseThrow(() -> missing("--basis FILE#name")))));
            default ->
                throw new InputException("--method: expected patch, zero, mean, mean-pos, resample, add, project-out or"
                        + " scale, found '" + method + "'");
        };
    }

    /** What is read. */
    Metric metric() {
        return Metric.named(metric, name -> NamedTensors.vector(name, HERE));
    }

    private void refuseUnused() {
        boolean referenced = method.equals("mean") || method.equals("mean-pos") || method.equals("resample");
        refuse(!referenced && !reference.equals("clean"), "--reference");
        refuse(meanSkipFirst && !method.equals("mean"), "--mean-skip-first");
        refuse(draws != 1 && !method.equals("resample"), "--draws");
        refuse(value.isPresent() && !method.equals("add") && !method.equals("scale"), "--value");
        refuse(basis.isPresent() && !method.equals("project-out"), "--basis");
    }

    private void refuse(boolean unused, String option) {
        if (unused) {
            throw new InputException(option + ": --method " + method + " does not use it; leave it out");
        }
    }

    private Reference reference(Function<Path, PromptPairs> pairs) {
        return switch (reference) {
            case "clean" -> new Reference.Clean();
            case "corrupted" -> new Reference.Corrupted();
            default -> new Reference.Other(reference, pairs.apply(Path.of(reference)));
        };
    }

    private Source added() {
        String text = value.orElseThrow(() -> missing("--value NUMBER or --value FILE#name"));
        return text.contains("#")
                ? new Source.Vector(vector(NamedTensors.vector(text, HERE)))
                : new Source.Constant(number(text));
    }

    private static List<List<Float>> rows(String name) {
        var tensor = NamedTensors.read(name, HERE);
        return IntStream.range(0, Math.toIntExact(tensor.rows()))
                .mapToObj(row -> row(tensor.values(), row, tensor.columns()))
                .toList();
    }

    private static List<Float> row(float[] values, int row, int columns) {
        return vector(Arrays.copyOfRange(values, row * columns, (row + 1) * columns));
    }

    private static List<Float> vector(float[] values) {
        return IntStream.range(0, values.length)
                .mapToObj(index -> values[index])
                .toList();
    }

    private InputException missing(String option) {
        return new InputException("--method " + method + " needs " + option);
    }

    private static float number(String text) {
        try {
            return finite(Float.parseFloat(text), "--value");
        } catch (NumberFormatException none) {
            throw new InputException("--value: expected a number, found '" + text + "'", none);
        }
    }

    private static float finite(float number, String option) {
        if (!Float.isFinite(number)) {
            throw new InputException(option + ": expected a finite number, found " + number);
        }
        return number;
    }
}
