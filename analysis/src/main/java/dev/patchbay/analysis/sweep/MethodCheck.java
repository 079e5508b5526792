package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.model.InputException;
import dev.patchbay.model.site.Site;

/** Refuses methods whose reference cannot supply what they need. */
final class MethodCheck {
    private final SweepSpec spec;
    private final PromptPairs pairs;

    MethodCheck(SweepSpec spec, PromptPairs pairs) {
        this.spec = spec;
        this.pairs = pairs;
    }

    void check() {
        switch (spec.method()) {
            case Method.Mean mean -> mean(mean);
            case Method.MeanByPosition mean -> byTemplate(mean.label(), ReferenceSet.of(mean.from(), pairs), 1);
            case Method.Resample resample -> {
                if (resample.draws() < 1) {
                    throw new InputException("draws: expected at least 1, found " + resample.draws());
                }
                boolean own = !(resample.from() instanceof Reference.Other);
                byTemplate(resample.label(), ReferenceSet.of(resample.from(), pairs), own ? 2 : 1);
            }
            case Method.Patch _, Method.Zero _, Method.Add _, Method.ProjectOut _, Method.Scale _ -> {}
        }
    }

    private void mean(Method.Mean mean) {
        for (Site site : spec.sites()) {
            if (site.traits().keys()) {
                throw new InputException(
                        "site '" + site.label()
                                + "': rows of attention have different lengths, so there is no mean over positions; use mean-pos");
            }
        }
        var reference = ReferenceSet.of(mean.from(), pairs);
        if (mean.skipFirst() && reference.prompts().stream().allMatch(prompt -> prompt.length() == 1)) {
            throw new InputException("mean over " + mean.from().label()
                    + ": every prompt has one token, and the first is left out; expected longer prompts");
        }
    }

    private void byTemplate(String method, ReferenceSet reference, int least) {
        for (var pair : pairs.pairs()) {
            var group = reference.group(pair.template());
            if (group.size() < least) {
                throw new InputException(method + ": template '" + pair.template() + "' has " + group.size()
                        + " prompts in the reference, expected at least " + least
                        + "; add pairs of this template or choose another method");
            }
            int length = pair.clean().length();
            for (int index : group) {
                int found = reference.prompts().get(index).length();
                if (found != length) {
                    throw new InputException(method + ": template '" + pair.template() + "' has prompts of " + length
                            + " and " + found + " tokens; expected one length within a template; split the template");
                }
            }
        }
    }
}
