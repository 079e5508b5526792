package dev.patchbay.model.run;

import dev.patchbay.device.Tensor;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Rope;
import dev.patchbay.model.program.Program;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Generation through the one forward pass: the prompt is a run that keeps its keys and values, every new token a row of one
 * token over them, so a generated sequence has the bits of a recomputed one. Edits stay active at every step.
 */
public final class Generator {
    private final Model model;
    private final Options options;

    /**
     * How to choose tokens.
     *
     * @param newTokens tokens to add to each prompt
     * @param temperature 0 for the most likely token (lowest id on ties), else logits are divided by it and sampled
     * @param seed of the sampling; prompt i draws from a stream of its own
     * @param stopTokens a prompt ends after one of these
     * @param keepLogits whether the logits each token was chosen from are kept
     */
    public record Options(int newTokens, float temperature, long seed, List<Integer> stopTokens, boolean keepLogits) {
        /** Copies and checks. */
        public Options {
            stopTokens = List.copyOf(stopTokens);
            if (newTokens < 1 || !(temperature >= 0) || Float.isInfinite(temperature)) {
                throw new InputException("generate: " + newTokens + " new tokens at temperature " + temperature
                        + "; expected at least 1 and a temperature of 0 or more");
            }
        }

        /** Greedy decoding without a stop token. */
        public static Options greedy(int newTokens) {
            return new Options(newTokens, 0, 0, List.of(), false);
        }
    }

    /**
     * What came of one prompt.
     *
     * @param tokens the new tokens
     * @param logits the logits each was chosen from, empty unless they were to be kept
     */
    public record Generated(List<Integer> tokens, List<float[]> logits) {
        public Generated {
            tokens = List.copyOf(tokens);
            logits = List.copyOf(logits);
        }
    }

    /** A generator over a model. */
    public Generator(Model model, Options options) {
        this.model = model;
        this.options = options;
    }

    /**
     * Continues every prompt.
     *
     * @param prompts token ids
     * @param spans named positions of each prompt, or an empty list
     * @throws InputException where an edit matches nothing at any step, a token is out of range, or learned positions run
     *     out
     */
    public List<Generated> generate(
            List<int[]> prompts, List<Map<String, List<Integer>>> spans, Program program, Bindings bindings) {
        if (!program.statistics().isEmpty()) {
            throw new InputException("generate: statistics are given back by runs of rows, not by generation");
        }
        int capacity = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0) + options.newTokens();
        checkRoom(capacity);
        prompts.forEach(prompt -> checkRotation(prompt.length));
        var sequences = new ArrayList<Sequence>();
        long[] begin = new long[prompts.size()];
        for (int i = 0; i < prompts.size(); i++) {
            begin[i] = (long) i * capacity;
            var named = spans.isEmpty() ? Map.<String, List<Integer>>of() : spans.get(i);
            sequences.add(new Sequence(i, prompts.get(i), named, new SplittableRandom(mix(options.seed(), i))));
        }
        var whole = sequences.stream().map(this::whole).toList();
        EditReach.check(model.graph(), whole, program.edits());
        try (var cleanup = new Cleanup()) {
            var keyValues = KeyValueStore.allocate(
                    model.device(),
                    model.architecture(),
                    (long) capacity * prompts.size(),
                    begin,
                    new int[prompts.size()],
                    capacity,
                    cleanup);
            step(sequences, program, bindings, keyValues);
            for (int done = 1; done < options.newTokens(); done++) {
                var running =
                        sequences.stream().filter(sequence -> !sequence.stopped).toList();
                if (running.isEmpty()) {
                    break;
                }
                step(running, program, bindings, keyValues);
            }
        }
        return sequences.stream()
                .map(sequence -> new Generated(sequence.tokens, sequence.logits))
                .toList();
    }

    /** A prompt with every position that will be computed; the last new token is chosen, not run. */
    private Row whole(Sequence sequence) {
        int[] tokens = Arrays.copyOf(sequence.prompt, sequence.prompt.length + options.newTokens() - 1);
        return new Row(tokens, 0, 0, sequence.prompt.length, sequence.spans);
    }

    private void checkRoom(int capacity) {
        var architecture = model.architecture();
        if (architecture.embedding().learnedPositions() && capacity - 1 > architecture.maxPositions()) {
            throw new InputException("generate: needs " + (capacity - 1) + " positions; the model has learned only "
                    + architecture.maxPositions() + ": shorten the prompt or ask for fewer tokens");
        }
    }

    /** The keys of a prompt cannot turn anew when it grows beyond the length at which the frequencies change. */
    private void checkRotation(int prompt) {
        int end = prompt + options.newTokens() - 1;
        model.architecture().attention().stream()
                .flatMap(layer -> layer.rope().stream())
                .filter(rope -> rope.isLong(prompt) != rope.isLong(end))
                .findFirst()
                .flatMap(Rope::longer)
                .ifPresent(longer -> {
                    throw new InputException("generate: a prompt of " + prompt + " positions would grow to " + end
                            + "; this model turns sequences of more than " + longer.beyond()
                            + " positions with other frequencies: ask for fewer tokens or a longer prompt");
                });
    }

    private static long mix(long seed, long stream) {
        return seed * 0x9E3779B97F4A7C15L + stream;
    }

    /** Runs what each sequence has not run yet and chooses its next token. */
    private void step(List<Sequence> running, Program program, Bindings bindings, KeyValues keyValues) {
        var rows = running.stream().map(Sequence::next).toList();
        var request = RunRequest.of(rows, Logits.LAST)
                .with(stepProgram(running, program), stepBindings(running, bindings))
                .over(keyValues);
        try (var forward = new Forward(model, request, Optional.of(keyValues), true);
                var run = forward.finish()) {
            Tensor logits = run.logits();
            for (int i = 0; i < running.size(); i++) {
                float[] row = logits.rows(i, 1).toFloats();
                Sequence sequence = running.get(i);
                sequence.accept(choose(row, sequence.random), row, options);
                keyValues.fill(sequence.index, sequence.computed);
            }
        }
    }

    /** Rows of a step are the sequences still running; edits name the prompts they belong to. */
    private static Program stepProgram(List<Sequence> running, Program program) {
        return RowSubset.of(
                program, running.stream().mapToInt(sequence -> sequence.index).toArray());
    }

    private static Bindings stepBindings(List<Sequence> running, Bindings bindings) {
        return RowSubset.of(
                bindings, running.stream().mapToInt(sequence -> sequence.index).toArray());
    }

    private int choose(float[] logits, SplittableRandom random) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            if (logits[id] > logits[best]) {
                best = id;
            }
        }
        return options.temperature() == 0 ? best : sample(logits, logits[best], random);
    }

    private int sample(float[] logits, float largest, SplittableRandom random) {
        double[] cumulative = new double[logits.length];
        double sum = 0;
        for (int id = 0; id < logits.length; id++) {
            sum += Math.exp((logits[id] - largest) / options.temperature());
            cumulative[id] = sum;
        }
        double drawn = random.nextDouble() * sum;
        int place = Arrays.binarySearch(cumulative, drawn);
        return Math.min(place >= 0 ? place + 1 : -place - 1, logits.length - 1);
    }

    /** A prompt and what it has grown to. */
    private static final class Sequence {
        private final int index;
        private final int[] prompt;
        private final Map<String, List<Integer>> spans;
        private final SplittableRandom random;
        private final List<Integer> tokens = new ArrayList<>();
        private final List<float[]> logits = new ArrayList<>();
        private int computed;
        private boolean stopped;

        Sequence(int index, int[] prompt, Map<String, List<Integer>> spans, SplittableRandom random) {
            this.index = index;
            this.prompt = prompt.clone();
            this.spans = spans;
            this.random = random;
        }

        Row next() {
            int[] pending = tokens.isEmpty() ? prompt : new int[] {tokens.getLast()};
            var row = new Row(pending, computed, index, prompt.length, spans);
            computed += pending.length;
            return row;
        }

        void accept(int token, float[] row, Options options) {
            tokens.add(token);
            if (options.keepLogits()) {
                logits.add(row);
            }
            stopped = options.stopTokens().contains(token);
        }
    }
}
