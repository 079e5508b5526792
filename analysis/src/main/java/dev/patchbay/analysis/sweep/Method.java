package dev.patchbay.analysis.sweep;

import dev.patchbay.model.program.Edit.Basis;
import dev.patchbay.model.program.Source;
import java.util.Optional;

/** What a patch writes. All but {@link Patch} are ablations: their base is the clean run. */
public sealed interface Method {
    /** The name used on the command line and in files. */
    String label();

    /** Where its values come from, for methods that take them from a set of prompts. */
    default Optional<Reference> reference() {
        return Optional.empty();
    }

    /** Whether the clean run is the base, whatever the direction. */
    default boolean isAblation() {
        return true;
    }

    /** The value of the pair's other run. */
    record Patch() implements Method {
        @Override
        public String label() {
            return "patch";
        }

        @Override
        public boolean isAblation() {
            return false;
        }
    }

    /** Zero. */
    record Zero() implements Method {
        @Override
        public String label() {
            return "zero";
        }
    }

    /**
     * The mean over all prompts and positions of the reference; every token counts once.
     *
     * @param from the reference
     * @param skipFirst whether the first position of every prompt is left out
     */
    record Mean(Reference from, boolean skipFirst) implements Method {
        @Override
        public String label() {
            return "mean";
        }

        @Override
        public Optional<Reference> reference() {
            return Optional.of(from);
        }
    }

    /** The mean over the reference's prompts of the same template, position by position. */
    record MeanByPosition(Reference from) implements Method {
        @Override
        public String label() {
            return "mean-pos";
        }

        @Override
        public Optional<Reference> reference() {
            return Optional.of(from);
        }
    }

    /**
     * The value of another prompt of the same template: a seeded permutation without fixed points, uniform among those. A
     * patched value is the mean of the metric over the draws. From another file prompts are drawn independently.
     *
     * @param from the reference
     * @param draws permutations, at least 1
     */
    record Resample(Reference from, int draws) implements Method {
        @Override
        public String label() {
            return "resample";
        }

        @Override
        public Optional<Reference> reference() {
            return Optional.of(from);
        }
    }

    /** x + factor · v, with v a number or one value an edited element. */
    record Add(float factor, Source value) implements Method {
        @Override
        public String label() {
            return "add";
        }
    }

    /** The component along a basis removed. */
    record ProjectOut(Basis basis) implements Method {
        @Override
        public String label() {
            return "project-out";
        }
    }

    /** factor · x. */
    record Scale(float factor) implements Method {
        @Override
        public String label() {
            return "scale";
        }
    }
}
