package dev.patchbay.analysis.sweep;

import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.EditBuilder;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.List;

/**
 * Where in a model a cell patches; the same for every pair.
 *
 * @param site what is patched
 * @param layers in which layers, ascending; {@code [0]} at sites that exist once
 * @param heads which heads of each of these layers
 * @param layerHeads heads instead of layers × heads; empty where those are used
 * @param units which elements of a head, or of the width
 */
public record Place(Site site, List<Integer> layers, Selection heads, List<LayerHead> layerHeads, Selection units) {
    /** Copies the lists. */
    public Place {
        layers = List.copyOf(layers);
        layerHeads = List.copyOf(layerHeads);
    }

    /** The points it touches. */
    public List<SitePoint> points() {
        return layers.stream().map(layer -> new SitePoint(site, layer)).toList();
    }

    /** What it touches in one of its layers. */
    Place in(int layer) {
        var own = layerHeads.stream().filter(head -> head.layer() == layer).toList();
        return new Place(site, List.of(layer), heads, own, units);
    }

    /** Starts the edit that patches here. */
    EditBuilder edit() {
        var edit = Edit.at(site);
        if (!layerHeads.isEmpty()) {
            edit.layerHeads(layerHeads);
        } else if (site.traits().perLayer()) {
            edit.layers(numbers(layers));
        }
        if (heads instanceof Selection.Of(List<Integer> chosen)) {
            edit.heads(numbers(chosen));
        }
        if (units instanceof Selection.Of(List<Integer> chosen)) {
            edit.units(numbers(chosen));
        }
        return edit;
    }

    private static int[] numbers(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
