package dev.patchbay.model.run;

import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Edit.Operation;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import dev.patchbay.model.site.SiteTraits.Access;
import dev.patchbay.model.site.SiteTraits.HeadKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Checks an edit against a model and lists the places it names: everything that can be said before there are rows. */
final class ProgramCheck {
    private final Architecture architecture;

    ProgramCheck(Architecture architecture) {
        this.architecture = architecture;
    }

    /** The layers an edit names and in each the heads, all checked; sites without heads have the one head 0. */
    Map<SitePoint, int[]> places(Edit edit, String where) {
        Site site = edit.site();
        if (site.traits().access() == Access.READ_ONLY) {
            throw new InputException(where + ": site " + site.label() + " is read-only");
        }
        checkOperation(edit, where);
        var heads = new LinkedHashMap<SitePoint, List<Integer>>();
        if (edit.layerHeads().isEmpty()) {
            for (SitePoint point : points(edit, where)) {
                var chosen = new ArrayList<Integer>();
                for (int head : edit.heads().below(site.heads(architecture))) {
                    chosen.add(checkHead(head, site, where));
                }
                heads.put(point, chosen);
            }
        } else {
            for (LayerHead pair : edit.layerHeads()) {
                var point = SitePoint.checked(new SitePoint(site, pair.layer()), where, architecture);
                heads.computeIfAbsent(point, _ -> new ArrayList<>()).add(checkHead(pair.head(), site, where));
            }
        }
        var places = new LinkedHashMap<SitePoint, int[]>();
        heads.forEach((point, chosen) -> places.put(
                point,
                chosen.stream().mapToInt(Integer::intValue).sorted().distinct().toArray()));
        return places;
    }

    private List<SitePoint> points(Edit edit, String where) {
        Site site = edit.site();
        if (edit.layers() instanceof Selection.All || !site.traits().perLayer()) {
            return SitePoint.everywhere(site, architecture);
        }
        return Arrays.stream(edit.layers().below(architecture.layers()))
                .mapToObj(layer -> SitePoint.checked(new SitePoint(site, layer), where, architecture))
                .toList();
    }

    private int checkHead(int head, Site site, String where) {
        int count = site.heads(architecture);
        if (head < 0 || head >= count) {
            String kind = site.traits().heads() == HeadKind.KEY_VALUE ? "kv-head" : "head";
            throw new InputException(where + ": " + kind + " " + head + " is out of range; " + site.label() + " has "
                    + kind + "s 0 to " + (count - 1));
        }
        return head;
    }

    private static void checkOperation(Edit edit, String where) {
        boolean inside = edit.site().traits().keys();
        Operation operation = edit.operation();
        boolean fits = switch (operation) {
            case KNOCKOUT -> edit.site() == Site.ATTN_SCORES;
            case UNIFORM -> edit.site() == Site.PATTERN;
            case PROJECT_OUT, PROJECT_SWAP -> !inside;
            default -> true;
        };
        if (!fits) {
            throw new InputException(where + ": operation " + operation.name().toLowerCase(java.util.Locale.ROOT)
                    + " does not apply to site " + edit.site().label());
        }
        if (!inside && !(edit.keys() instanceof Positions.Every)) {
            throw new InputException(where + ": keys can be chosen only at attn_scores and pattern, not at "
                    + edit.site().label());
        }
        if (inside && !(edit.units() instanceof Selection.All)) {
            throw new InputException(
                    where + ": units cannot be chosen at " + edit.site().label() + "; choose keys");
        }
        if (operation.needsBasis() && edit.basis().isEmpty()) {
            throw new InputException(where + ": a projection needs a basis");
        }
        if (edit.site().traits().heads() == HeadKind.NONE
                && !(edit.heads() instanceof Selection.All && edit.layerHeads().isEmpty())) {
            throw new InputException(where + ": site " + edit.site().label() + " has no heads to choose");
        }
    }
}
