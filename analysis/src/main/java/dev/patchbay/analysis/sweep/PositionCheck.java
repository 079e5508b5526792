package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.model.InputException;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.site.Site;

/** Refuses position axes and restrictions that some pair cannot follow. */
final class PositionCheck {
    private final SweepSpec spec;
    private final PromptPairs pairs;
    private final Sides sides;

    PositionCheck(SweepSpec spec, PromptPairs pairs) {
        this.spec = spec;
        this.pairs = pairs;
        sides = new Sides(spec.basedOnClean());
    }

    void check() {
        switch (spec.positions()) {
            case Positions.Every _, Positions.End _ -> {}
            case Positions.Span(String name) -> known(name);
            case Positions.Listed listed -> pairs.pairs().forEach(pair -> inside(listed, pair));
            case Positions.Prompt _, Positions.Generated _, Positions.Last _ ->
                throw new InputException("positions: expected all, END, a span or a list in a sweep, found "
                        + spec.positions().getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT));
        }
        if (spec.axes().contains(Axis.SPAN)) {
            if (!(spec.positions() instanceof Positions.Every)) {
                throw new InputException("axis span and --positions: both choose positions; give one of them");
            }
            spec.spans().forEach(this::known);
        }
        if (spec.axes().contains(Axis.POS)) {
            byPosition();
        }
        if (!spec.method().isAblation()) {
            pairs.pairs().stream().filter(pair -> !pair.aligned()).findFirst().ifPresent(this::spanWise);
        }
    }

    private void known(String name) {
        if (pairs.pairs().stream().noneMatch(pair -> sides.base(pair).spans().containsKey(name))) {
            throw new InputException(
                    "span '" + name + "': no pair has it; expected one of " + String.join(", ", pairs.spanNames()));
        }
    }

    private void inside(Positions.Listed listed, PromptPair pair) {
        int length = sides.base(pair).length();
        if (listed.positions().isEmpty()) {
            throw new InputException("positions: expected at least one, found an empty list");
        }
        for (int position : listed.positions()) {
            if (position < -length || position >= length) {
                throw new InputException("positions: " + position + " is not in pair '" + pair.id() + "'; expected "
                        + -length + " to " + (length - 1));
            }
        }
    }

    private void byPosition() {
        var first = pairs.pairs().getFirst();
        for (var pair : pairs.pairs()) {
            if (sides.base(pair).length() != sides.base(first).length()) {
                throw new InputException("axis pos: pair '" + first.id() + "' has "
                        + sides.base(first).length() + " tokens and pair '" + pair.id() + "' "
                        + sides.base(pair).length() + "; expected one length; use the span axis");
            }
            if (!spec.mixTemplates() && !pair.template().equals(first.template())) {
                throw new InputException("axis pos: pairs have templates '" + first.template() + "' and '"
                        + pair.template() + "'; expected one; use the span axis or --mix-templates");
            }
        }
    }

    /** Prompts of different lengths correspond only by their spans. */
    private void spanWise(PromptPair pair) {
        boolean bySpan = spec.axes().contains(Axis.SPAN)
                || (!spec.axes().contains(Axis.POS)
                        && (spec.positions() instanceof Positions.Span || spec.positions() instanceof Positions.End));
        if (!bySpan) {
            throw new InputException("pair '" + pair.id()
                    + "': has spans_corrupted, so only spans correspond; use the span axis or --positions END|SPAN");
        }
        for (Site site : spec.sites()) {
            if (site.traits().keys()) {
                throw new InputException("site '" + site.label() + "': pair '" + pair.id()
                        + "' has spans_corrupted, and rows of attention correspond only in prompts of one length");
            }
        }
    }
}
