package dev.patchbay.model.graph;

import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The transformer as data: steps in the order in which they run, and where each site is defined. The steps before
 * {@link #headBegin} run on every token; the head (final norm, unembedding) only on tokens whose logits are read.
 * Immutable; built once from a configuration by {@link GraphBuilder}.
 */
public final class Graph {
    private final Architecture architecture;
    private final List<Step> steps;
    private final int headBegin;
    private final int unembedStep;
    private final Map<SitePoint, Value> sites;
    private final List<List<SitePoint>> pointsOfValue;
    private final int[] definition;
    private final int[] lastUse;
    private final Map<SitePoint, Integer> singleHeads = new HashMap<>();
    private final Value residualEnd;
    private final Value logits;

    Graph(
            Architecture architecture,
            List<Step> steps,
            int headBegin,
            int unembedStep,
            Map<SitePoint, Value> sites,
            List<List<SitePoint>> pointsOfValue,
            Value residualEnd,
            Value logits) {
        this.architecture = architecture;
        this.steps = List.copyOf(steps);
        this.headBegin = headBegin;
        this.unembedStep = unembedStep;
        this.sites = new HashMap<>(sites);
        this.pointsOfValue = pointsOfValue.stream().map(List::copyOf).toList();
        this.residualEnd = residualEnd;
        this.logits = logits;
        definition = new int[pointsOfValue.size()];
        lastUse = new int[pointsOfValue.size()];
        for (int index = 0; index < steps.size(); index++) {
            for (Value out : steps.get(index).outputs()) {
                definition[out.id()] = index;
                lastUse[out.id()] = index;
            }
            for (Value in : steps.get(index).inputs()) {
                lastUse[in.id()] = index;
            }
            if (steps.get(index) instanceof Step.Project project
                    && project.heads().isPresent()) {
                singleHeads.put(project.heads().get().point(), index);
            }
        }
    }

    /** The configuration it was built from. */
    public Architecture architecture() {
        return architecture;
    }

    /** All steps, in order. */
    public List<Step> steps() {
        return steps;
    }

    /** Index of the first step of the head. */
    public int headBegin() {
        return headBegin;
    }

    /** Index of the step that turns the stream into logits; values from there on are as wide as the vocabulary. */
    public int unembedStep() {
        return unembedStep;
    }

    /** The residual stream after the last block: what the head reads. */
    public Value residualEnd() {
        return residualEnd;
    }

    /** The logits. */
    public Value logits() {
        return logits;
    }

    /** Number of values; their ids are below it. */
    public int valueCount() {
        return pointsOfValue.size();
    }

    /** Every value, by id. */
    public List<Value> values() {
        var values = new ArrayList<Value>(java.util.Collections.nCopies(valueCount(), residualEnd));
        for (Step step : steps) {
            for (Value out : step.outputs()) {
                values.set(out.id(), out);
            }
        }
        return values;
    }

    /**
     * The value that holds a site, or that it is read off: scores and pattern live inside the attention that makes z, a
     * head's result is read off z, its inputs off the residual stream (neither is among the {@link #points} of those).
     */
    public Value value(SitePoint point) {
        Value value = sites.get(point);
        if (value == null) {
            throw new IllegalArgumentException("site " + point.label() + " is not in this graph");
        }
        return value;
    }

    /** The sites a value holds, in the order in which edits at them act. */
    public List<SitePoint> points(Value value) {
        return pointsOfValue.get(value.id());
    }

    /** The step that writes a value. */
    public int definition(Value value) {
        return definition[value.id()];
    }

    /**
     * The step that captures and edits of a site belong to: the one that writes its value, or, at a site of single heads,
     * the projection that they read or write through.
     */
    public int step(SitePoint point) {
        Integer projection = singleHeads.get(point);
        return projection != null ? projection : definition(value(point));
    }

    /** The last step that reads a value (or writes it, where none reads it). */
    public int lastUse(Value value) {
        return lastUse[value.id()];
    }

    /**
     * The last step of a run edited at {@code point} after which it still has what the unedited run has and every value
     * that is read later has a name: a row that carries such an edit may join a batch there; −1 where there is none. Rows
     * join before the head.
     */
    public int joinStep(SitePoint point) {
        int step = definition[value(point).id()];
        step = Math.min(point.site().traits().keys() ? step - 1 : step, headBegin - 1);
        while (step >= 0 && !suppliedAfter(step)) {
            step--;
        }
        return step;
    }

    /** Whether a base run has a name for every value that lives across {@code step}, or keeps it as keys or values. */
    private boolean suppliedAfter(int step) {
        return liveAfter(step).stream()
                .allMatch(value ->
                        keysOrValues(value, step).isPresent() || name(value).isPresent());
    }

    /**
     * The attention that carries a change at {@code point} to other positions: until then only the changed positions differ
     * from the base run. −1 where none does.
     */
    public int carrier(SitePoint point) {
        int begin = step(point);
        var changed = new HashSet<Value>();
        changed.add(
                point.site().traits().singleHeads() ? steps.get(begin).outputs().getFirst() : value(point));
        for (int index = begin + 1; index < headBegin; index++) {
            Step step = steps.get(index);
            if (step instanceof Step.Attend attend && (changed.contains(attend.k()) || changed.contains(attend.v()))) {
                return index;
            }
            if (step.inputs().stream().anyMatch(changed::contains)) {
                changed.addAll(step.outputs());
            }
        }
        return -1;
    }

    /**
     * The step after which all positions of a run edited at {@code point} must be there: the last one before its
     * {@link #carrier}. −1 where there is none, or a base run cannot supply what is read there.
     */
    public int spreadStep(SitePoint point) {
        int step = carrier(point) - 1;
        return step >= 0 && suppliedAfter(step) ? step : -1;
    }

    /** The last attention, −1 where there is none: past it positions do not meet. */
    public int lastAttention() {
        for (int index = headBegin - 1; index >= 0; index--) {
            if (steps.get(index) instanceof Step.Attend) {
                return index;
            }
        }
        return -1;
    }

    /** The coming attention, where {@code value} is what it reads as keys or values after {@code step}. */
    public Optional<Step.Attend> keysOrValues(Value value, int step) {
        for (int index = step + 1; index < headBegin; index++) {
            if (steps.get(index) instanceof Step.Attend attend) {
                return value.equals(attend.k()) || value.equals(attend.v()) ? Optional.of(attend) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** The values that are there after {@code step} and are read later. */
    public List<Value> liveAfter(int step) {
        return values().stream()
                .filter(value -> definition[value.id()] <= step && lastUse[value.id()] > step)
                .toList();
    }

    /**
     * The sites a base run must keep, besides keys and values, so that rows can join after {@code step}, one that
     * {@link #joinStep} or {@link #spreadStep} gave.
     */
    public List<SitePoint> joinPoints(int step) {
        return liveAfter(step).stream()
                .filter(value -> keysOrValues(value, step).isEmpty())
                .map(this::joinPoint)
                .toList();
    }

    /** The site under which a base run keeps a value that lives across a join step. */
    public SitePoint joinPoint(Value value) {
        return name(value)
                .orElseThrow(
                        () -> new IllegalArgumentException("value " + value.id() + " has no name to be kept under"));
    }

    private Optional<SitePoint> name(Value value) {
        return points(value).stream()
                .filter(point -> !point.site().traits().keys()
                        && point.site().width(architecture, point.layer()) == value.width())
                .findFirst();
    }
}
