package dev.patchbay.cli;

import dev.patchbay.analysis.io.EditsFile;
import dev.patchbay.analysis.io.RunBindings;
import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.sweep.PromptMeans;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.Run;
import dev.patchbay.model.run.RunRequest;
import dev.patchbay.model.site.SitePoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The edits of {@code --edits} with the values of their sources. {@code {"run": "other"}} is a run of the prompts of
 * {@code --other}, row by row; {@code {"mean": "T.json"}} is the mean over the prompts and positions of a tokens file, which lies beside the
 * file of edits or in the working folder.
 *
 * @param edits in the order of the file
 * @param bindings of their sources
 * @param other the run that supplies values, closed with this
 * @param means by the name of their tokens file, closed with this
 */
record EditProgram(List<Edit> edits, Bindings bindings, Optional<Run> other, Map<String, PromptMeans> means)
        implements AutoCloseable {
    private static final String OTHER = "other";

    /**
     * Reads a file of edits.
     *
     * @param file the edits, where there are any
     * @param tokens prompts of the other run, where one is given
     */
    static EditProgram read(Optional<Path> file, Optional<String> tokens, LoadedModel loaded, Model running) {
        if (file.isEmpty()) {
            if (tokens.isPresent()) {
                throw new InputException("--other: supplies values for edits; give --edits, too");
            }
            return new EditProgram(List.of(), Bindings.NONE, Optional.empty(), Map.of());
        }
        var read = EditsFile.read(file.get(), loaded.architecture());
        var other = tokens.map(argument -> run(TokenRows.read(argument, loaded), read.edits(), running));
        var runs = other.<Map<String, Run>>map(run -> Map.of(OTHER, run)).orElse(Map.of());
        var means = new HashMap<String, PromptMeans>();
        try {
            for (Edit edit : read.edits()) {
                if (edit.source() instanceof Source.Mean(String reference) && !means.containsKey(reference)) {
                    means.put(reference, mean(reference, file.get(), read.edits(), loaded, running));
                }
            }
        } catch (RuntimeException e) {
            means.values().forEach(PromptMeans::close);
            other.ifPresent(Run::close);
            throw e;
        }
        return new EditProgram(read.edits(), new RunBindings(read.tensors(), runs, means), other, means);
    }

    private static PromptMeans mean(String reference, Path file, List<Edit> edits, LoadedModel loaded, Model running) {
        var beside = file.toAbsolutePath().resolveSibling(reference);
        var prompts = TokenRows.read(Files.exists(beside) ? beside.toString() : reference, loaded).stream()
                .map(ids -> new Prompt(ids, Map.of()))
                .toList();
        var points = edits.stream()
                .filter(edit -> edit.source().equals(new Source.Mean(reference)))
                .flatMap(edit -> points(edit, running.architecture()))
                .distinct()
                .toList();
        return PromptMeans.of(running, prompts, points);
    }

    private static Run run(List<List<Integer>> prompts, List<Edit> edits, Model running) {
        var captures = edits.stream()
                .filter(edit -> edit.source() instanceof Source.Run)
                .flatMap(edit -> points(edit, running.architecture()))
                .distinct()
                .map(Capture::new)
                .toList();
        var rows = prompts.stream().map(ids -> Row.of(TokenRows.array(ids))).toList();
        return running.run(RunRequest.of(rows, Logits.NONE).with(Program.captures(captures), Bindings.NONE));
    }

    private static Stream<SitePoint> points(Edit edit, Architecture architecture) {
        return SitePoint.everywhere(edit.site(), architecture).stream()
                .filter(point -> edit.layerHeads().isEmpty()
                        ? edit.layers().contains(point.layer())
                        : edit.layerHeads().stream().anyMatch(head -> head.layer() == point.layer()));
    }

    @Override
    public void close() {
        other.ifPresent(Run::close);
        means.values().forEach(PromptMeans::close);
    }
}
