package dev.patchbay.cli;

import dev.patchbay.analysis.sweep.Effects;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The heads that matter beside what they were made for. */
final class HeadTable {
    /** Effects and differences below it are rounding. */
    private static final double MATTERS = 0.01;

    private final List<Head> heads = new ArrayList<>();
    private final int silent;

    /**
     * One head.
     *
     * @param name {@code layer.head}
     * @param role what it was made for
     * @param position where patching it does most
     * @param patch effect of patching it there
     * @param zero change of the metric when it is set to zero
     */
    record Head(String name, String role, String position, double patch, double zero) {}

    /**
     * A table.
     *
     * @param roles by head name
     * @param patched a sweep over layer, head and pos
     * @param zeroed an ablation over layer and head
     */
    HeadTable(Map<String, String> roles, Effects patched, Effects zeroed) {
        var patch = EffectView.of(patched);
        var zero = EffectView.differences(zeroed);
        int all = 0;
        for (int cell = 0; cell < zeroed.cells(); cell++) {
            var labels = zero.labels(cell);
            String name = labels.get(0) + "." + labels.get(1);
            int strongest = patch.strongestAt(labels.get(0), labels.get(1));
            double effect = strongest < 0 ? Double.NaN : patch.value(strongest);
            all++;
            if (Math.abs(effect) >= MATTERS || Math.abs(zero.value(cell)) >= MATTERS) {
                String position =
                        Math.abs(effect) >= MATTERS ? patch.labels(strongest).getLast() : "-";
                heads.add(new Head(name, roles.getOrDefault(name, "none"), position, effect, zero.value(cell)));
            }
        }
        silent = all - heads.size();
    }

    /** The heads, in the order of the model. */
    List<Head> heads() {
        return List.copyOf(heads);
    }

    /** The table as lines. */
    List<String> lines() {
        var table = new Table("head", "designed role", ">at position", ">patch effect", ">zero-ablation Δ");
        heads.forEach(head -> table.row(
                head.name(),
                head.role(),
                head.position(),
                EffectView.number(head.patch()),
                EffectView.number(head.zero())));
        var lines = new ArrayList<>(table.lines());
        lines.add(silent + " other heads: nothing changes");
        return lines;
    }

    /** The table for JSON. */
    List<Map<String, Object>> objects() {
        return heads.stream()
                .map(head -> {
                    Map<String, Object> members = new LinkedHashMap<>();
                    members.put("head", head.name());
                    members.put("designed_role", head.role());
                    members.put("position", head.position());
                    members.put("patch_effect", head.patch());
                    members.put("zero_ablation_delta", head.zero());
                    return members;
                })
                .toList();
    }
}
