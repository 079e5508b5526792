package dev.patchbay.model.run;

import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.Ops;
import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.EditEntry;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A program's edits as tables on the device, one list of groups for each place. A group is what one call of the edit
 * operation applies; groups of a place act in order. Closed with the run.
 */
final class EditPlan implements AutoCloseable {
    private final Map<SitePoint, List<Group>> groups = new HashMap<>();
    private final Map<SitePoint, HeadPlaces> singleHeads = new HashMap<>();
    private final Map<Integer, AttentionGroup> attention = new HashMap<>();
    private final List<Tensor> owned = new ArrayList<>();
    private final List<DeviceTable<?>> tables = new ArrayList<>();
    private final int editCount;

    /** One call of the edit operation. {@code editOf[i]} is the program's edit behind entry i. */
    record Group(
            DeviceTable<EditEntry> entries,
            Optional<Tensor> values,
            Optional<Tensor> bases,
            Tensor change,
            int[] editOf,
            long[] places) {}

    /** The edits inside one layer's attention. */
    record AttentionGroup(DeviceTable<AttentionEdit> entries, Optional<Tensor> values, Tensor change, int[] editOf) {}

    EditPlan(int editCount) {
        this.editCount = editCount;
    }

    private List<Group> at(SitePoint point) {
        return groups.getOrDefault(point, List.of());
    }

    Optional<AttentionGroup> inside(int layer) {
        return Optional.ofNullable(attention.get(layer));
    }

    boolean touches(SitePoint point) {
        return groups.containsKey(point);
    }

    /** Applies the groups of a place to its value, in order. */
    void apply(Ops ops, SitePoint point, Tensor value) {
        for (Group group : at(point)) {
            ops.edit(
                    value,
                    group.entries(),
                    group.values().orElse(null),
                    group.bases().orElse(null),
                    group.change());
        }
    }

    /** The places of a site of single heads, which the entries of its groups count; empty where it is not edited. */
    Optional<HeadPlaces> singleHeads(SitePoint point) {
        return Optional.ofNullable(singleHeads.get(point));
    }

    /** Every edited place of a site of single heads. */
    Iterable<HeadPlaces> singleHeads() {
        return singleHeads.values();
    }

    /** Every edited site. */
    Iterable<SitePoint> points() {
        var points = new ArrayList<>(groups.keySet());
        attention.keySet().forEach(layer -> points.add(new SitePoint(Site.PATTERN, layer)));
        return points;
    }

    void add(SitePoint point, HeadPlaces places) {
        singleHeads.put(point, places);
    }

    /** Adds a group; entries are put in the order of their tokens, those of one token keeping theirs. */
    void add(
            Device device,
            SitePoint point,
            List<PlannedEntry> entries,
            Optional<Tensor> values,
            Optional<Tensor> bases) {
        var sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingInt(planned -> planned.entry().token()));
        var table = device.table(
                EditEntry.class, sorted.stream().map(PlannedEntry::entry).toList(), "edits");
        tables.add(table);
        var change = own(device.tensor(DType.F32, 1, sorted.size(), "edit changes"));
        groups.computeIfAbsent(point, _ -> new ArrayList<>())
                .add(new Group(
                        table,
                        values,
                        bases,
                        change,
                        sorted.stream().mapToInt(PlannedEntry::edit).toArray(),
                        sorted.stream().mapToLong(PlannedEntry::places).toArray()));
    }

    void addInside(Device device, int layer, List<PlannedAttentionEdit> edits, Optional<Tensor> values) {
        var sorted = new ArrayList<>(edits);
        sorted.sort(Comparator.comparingInt(
                        (PlannedAttentionEdit edit) -> edit.entry().token())
                .thenComparingInt(edit -> edit.entry().head()));
        var table = device.table(
                AttentionEdit.class,
                sorted.stream().map(PlannedAttentionEdit::entry).toList(),
                "attention edits");
        tables.add(table);
        var change = own(device.tensor(DType.F32, 1, sorted.size(), "attention edit changes"));
        attention.put(
                layer,
                new AttentionGroup(
                        table,
                        values,
                        change,
                        sorted.stream().mapToInt(PlannedAttentionEdit::edit).toArray()));
    }

    /** Takes a tensor into the plan's ownership. */
    Tensor own(Tensor tensor) {
        owned.add(tensor);
        return tensor;
    }

    /** What each edit did; call after the run. */
    List<EditReport> reports() {
        long[] fired = new long[editCount];
        float[] largest = new float[editCount];
        for (var list : groups.values()) {
            for (Group group : list) {
                collect(group.change(), group.editOf(), group.places(), fired, largest);
            }
        }
        for (AttentionGroup group : attention.values()) {
            long[] places = new long[group.editOf().length];
            java.util.Arrays.fill(places, 1);
            collect(group.change(), group.editOf(), places, fired, largest);
        }
        var reports = new ArrayList<EditReport>(editCount);
        for (int edit = 0; edit < editCount; edit++) {
            reports.add(new EditReport(fired[edit], largest[edit]));
        }
        return reports;
    }

    private static void collect(Tensor change, int[] editOf, long[] places, long[] fired, float[] largest) {
        float[] changes = change.toFloats();
        for (int entry = 0; entry < changes.length; entry++) {
            int edit = editOf[entry];
            fired[edit] += places[entry];
            largest[edit] = Math.max(largest[edit], changes[entry]);
        }
    }

    @Override
    public void close() {
        tables.forEach(DeviceTable::close);
        owned.forEach(tensor -> tensor.buffer().close());
    }

    /** An entry, the edit behind it, and the places (heads) it covers. */
    record PlannedEntry(EditEntry entry, int edit, long places) {}

    /** An entry inside attention and the edit behind it. */
    record PlannedAttentionEdit(AttentionEdit entry, int edit) {}
}
